"""The application: :func:`create_app` puts the settings, the model, the paths and the middleware together."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.telemetry import TelemetryConfig
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.staticfiles import StaticFiles

import raqam
from raqam import Annotator
from serving import seeds
from serving.corrections.exchange import router as exchange
from serving.corrections.routes import router as corrections
from serving.corrections.service import Corrections
from serving.documentation import document
from serving.label_studio import router as label_studio
from serving.metrics import Metrics
from serving.middleware import surround
from serving.problems import ProblemError, answer, problem_of
from serving.routes import STATIC, router
from serving.service import Service
from serving.settings import Settings

#: FastAPI would trace by itself, with queries and what exceptions say: see :mod:`serving.telemetry` for what is sent.
_NO_TELEMETRY: Final[TelemetryConfig] = {"tracing": False, "metrics": False, "logs": False, "auto_configure": False}


def create_app(settings: Settings | None = None, annotator: Annotator | None = None) -> FastAPI:
    """Return the application. Its start-up loads and verifies the model, unless *annotator* is given, and warms it up.

    Start-up raises :class:`raqam.ModelError` where the model cannot be used; this function what
    :func:`serving.middleware.surround` does, and :class:`serving.corrections.database.DatabaseSettingError`. Settings
    come from the environment unless they are given.
    """
    settings = Settings() if settings is None else settings
    metrics = Metrics()
    app = _Application(
        version=raqam.__version__, lifespan=_lifespan, docs_url=None, redoc_url=None, telemetry=_NO_TELEMETRY
    )
    app.state.settings, app.state.metrics = settings, metrics
    app.state.service = Service(settings, metrics, annotator)
    app.state.corrections = Corrections(settings)
    app.include_router(router)
    for each in (corrections, exchange, label_studio, seeds.router):
        app.include_router(each)
    app.mount("/static", StaticFiles(directory=STATIC))
    app.mount("/swagger", StaticFiles(packages=[("fastapi_swagger", "resources")]))
    for error in (ProblemError, HTTPException, RequestValidationError):
        app.add_exception_handler(error, _answer_problem)
    surround(app, settings, metrics)
    return app


class _Application(FastAPI):
    _documented: tuple[object, dict[str, Any]] | None = None

    def openapi(self) -> dict[str, Any]:
        """The OpenAPI document, with an example from the model itself once it is ready."""
        example = self.state.service.example
        if self._documented is None or self._documented[0] is not example:
            self._documented = (example, document(self, example))
        return self._documented[1]


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    service: Service = app.state.service
    await service.start()
    yield
    await service.close()
    await app.state.corrections.close()


async def _answer_problem(request: Request, error: Exception) -> Response:
    problem = problem_of(error)
    request.app.state.metrics.count_problem(problem.kind)
    return answer(problem, getattr(error, "headers", None))
