"""The application: :func:`create_app` puts the settings, the model, the paths and the middleware together."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.staticfiles import StaticFiles

import raqam
from raqam import Annotator
from serving.documentation import document
from serving.metrics import Metrics
from serving.middleware import AnswerMistakes, CountRequests, LimitBody
from serving.problems import ProblemError, answer, problem_of
from serving.routes import STATIC, router
from serving.service import Service
from serving.settings import Settings


def create_app(settings: Settings | None = None, annotator: Annotator | None = None) -> FastAPI:
    """Return the application. Its start-up loads and verifies the model, unless *annotator* is given, and warms it up.

    Start-up raises :class:`raqam.ModelError` where the model cannot be used. Settings come from the environment
    unless they are given.
    """
    settings = Settings() if settings is None else settings
    metrics = Metrics()
    app = _Application(version=raqam.__version__, lifespan=_lifespan, docs_url=None, redoc_url=None)
    app.state.settings, app.state.metrics = settings, metrics
    app.state.service = Service(settings, metrics, annotator)
    app.include_router(router)
    app.mount("/static", StaticFiles(directory=STATIC))
    app.mount("/swagger", StaticFiles(packages=[("fastapi_swagger", "resources")]))
    for error in (ProblemError, HTTPException, RequestValidationError):
        app.add_exception_handler(error, _answer_problem)
    app.add_middleware(LimitBody, limit=settings.max_body_bytes)
    app.add_middleware(AnswerMistakes, metrics=metrics)
    app.add_middleware(CountRequests, metrics=metrics)  # the last one added is the outermost
    return app


class _Application(FastAPI):
    def openapi(self) -> dict[str, Any]:
        """The OpenAPI document, with an example from the model itself once it is ready."""
        return document(self, self.state.service.example)


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    service: Service = app.state.service
    await service.start()
    yield
    service.stop()


async def _answer_problem(request: Request, error: Exception) -> Response:
    problem = problem_of(error)
    request.app.state.metrics.count_problem(problem.kind)
    return answer(problem, getattr(error, "headers", None))
