# The service and its model, nothing else: no torch, no compiler, no pip, no training checkpoint.
# Run it read-only, for this machine alone (others need keys: docs/deploy.md):
#   docker run --rm --read-only --cap-drop ALL --env RAQAM_ALLOW_OPEN=true --publish 127.0.0.1:8000:8000 raqam

FROM python:3.11.13-slim-bookworm AS build

ENV PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_NO_CACHE_DIR=1 \
    PIP_ROOT_USER_ACTION=ignore

WORKDIR /app
COPY requirements/serve.lock requirements/
RUN python -m venv --without-pip /opt/venv \
    && pip --python /opt/venv/bin/python install --no-deps --require-hashes --only-binary :all: \
        -r requirements/serve.lock \
    && rm -r requirements

COPY LICENSE NOTICE ./
COPY raqam raqam
COPY serving serving
COPY models/compact models/compact
RUN rm -rf models/compact/checkpoint \
    && python -m compileall -q raqam serving


FROM python:3.11.13-slim-bookworm

COPY --from=build /opt/venv /opt/venv
COPY --from=build /app /app

# Bytecode is already compiled, so nothing is written; the files belong to root, the process does not.
ENV ORT_DISABLE_TELEMETRY=1 \
    PATH=/opt/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    RAQAM_HOST=0.0.0.0 \
    RAQAM_MODEL=/app/models/compact \
    RAQAM_PORT=8000

WORKDIR /app
USER 10001:10001
EXPOSE 8000
STOPSIGNAL SIGTERM

HEALTHCHECK --interval=15s --timeout=5s --start-period=20s --retries=3 CMD ["python", "-c", "\
import http.client, os, sys; \
service = http.client.HTTPConnection('127.0.0.1', int(os.environ['RAQAM_PORT']), timeout=4); \
service.request('GET', '/readyz'); \
sys.exit(service.getresponse().status != 200)"]

CMD ["python", "-m", "serving"]
