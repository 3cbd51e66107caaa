# One image for web, worker, scheduler and migrations; see docker-compose.yml and docs/operator.md.

FROM python:3.11-slim-trixie AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /app
RUN python -m venv /venv
COPY requirements.txt ./
RUN /venv/bin/pip install --require-hashes --requirement requirements.txt
COPY . .
ENV PATH=/venv/bin:$PATH STATIC_ROOT=/app/static-built STATIC_HASHED=true INVENTORY_VAR=/tmp/build
RUN python scripts/compile_messages.py \
 && python manage.py collectstatic --noinput \
 && python -m compileall -q .

FROM python:3.11-slim-trixie
# pg_dump and pg_restore for backups: their version must not be older than the server's.
RUN apt-get update \
 && apt-get install --yes --no-install-recommends postgresql-client-17 \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --uid 10001 --user-group --no-create-home --shell /usr/sbin/nologin inventory \
 && install --directory --owner inventory --group inventory --mode 0700 /data
COPY --from=build /venv /venv
COPY --from=build /app /app
WORKDIR /app
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    INVENTORY_VAR=/data STATIC_ROOT=/app/static-built STATIC_HASHED=true LOG_FORMAT=json
USER inventory
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=4 \
  CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/readyz', timeout=4)"]
CMD ["gunicorn", "--config=python:inventory_project.gunicorn_conf", "--bind=0.0.0.0:8000"]
