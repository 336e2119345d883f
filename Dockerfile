# One image for the web server, the worker and the commands: slim, not root, nothing written outside its volumes and /tmp.
# The packages come from the lock with their hashes; the first stage's tools stay behind.
FROM python:3.12-slim AS packages
COPY requirements/run.lock /tmp/run.lock
RUN python -m venv /opt/squadroom \
 && /opt/squadroom/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes --only-binary :all: --requirement /tmp/run.lock

FROM python:3.12-slim
RUN groupadd --gid 10001 squadroom \
 && useradd --uid 10001 --gid squadroom --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin squadroom \
 && install -d -o squadroom -g squadroom -m 0700 /data /checkpoints /keys
COPY --from=packages /opt/squadroom /opt/squadroom
COPY app /srv/app
COPY templates /srv/templates
COPY migrations /srv/migrations
COPY bin/squadroom /srv/bin/squadroom
ENV PATH=/srv/bin:/opt/squadroom/bin:$PATH PYTHONPATH=/srv PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 SQUADROOM_DATA_DIR=/data
RUN python -m compileall -q /srv/app
WORKDIR /srv
USER squadroom
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 \
  CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
ENTRYPOINT ["squadroom"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8000", "--no-worker"]
