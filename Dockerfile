# syntax=docker/dockerfile:1
FROM python:3.11-slim AS build
WORKDIR /build
COPY requirements/build.txt requirements/chat.txt requirements/postgresql.txt requirements/
RUN python -m venv tools \
 && tools/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements/build.txt \
 && python -m venv --without-pip /opt/number-monitor \
 && tools/bin/pip --python /opt/number-monitor/bin/python install --no-cache-dir --disable-pip-version-check \
    --require-hashes -r requirements/chat.txt -r requirements/postgresql.txt
COPY pyproject.toml README.md LICENSE ./
COPY monitor monitor
# The user of the image may not write beside the modules, so they are compiled here: that nearly halves the time to start.
# The libraries' own tests stay behind.
RUN tools/bin/python -m hatchling build -t wheel \
 && tools/bin/pip --python /opt/number-monitor/bin/python install --no-cache-dir --disable-pip-version-check \
    --no-deps dist/*.whl \
 && rm -r /opt/number-monitor/lib/python3*/site-packages/sqlalchemy/testing \
    /opt/number-monitor/lib/python3*/site-packages/alembic/testing \
 && /opt/number-monitor/bin/python -m compileall -q /opt/number-monitor/lib

FROM python:3.11-slim
ARG VERSION=unknown
ARG REVISION=unknown
LABEL org.opencontainers.image.title="number-monitor" \
      org.opencontainers.image.description="Watches the WhatsApp numbers of an NXCloud integrator: Prometheus gauges, and events when a number degrades" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
COPY --from=build /opt/number-monitor /opt/number-monitor
# State and temporary files live in /data alone: the root file system may be read-only.  The fixed number lets a volume be
# owned beforehand.
RUN groupadd --gid 10001 number-monitor \
 && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /data --shell /usr/sbin/nologin number-monitor \
 && install -d -o 10001 -g 10001 -m 0750 /data \
 && install -d /etc/number-monitor
ENV PATH=/opt/number-monitor/bin:$PATH \
    TMPDIR=/data \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    NUMBER_MONITOR_STORE_URL=sqlite:////data/number-monitor.db \
    NUMBER_MONITOR_LISTEN=:8620 \
    NUMBER_MONITOR_REVISION=${REVISION}
WORKDIR /etc/number-monitor
USER 10001:10001
VOLUME /data
EXPOSE 8620
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 CMD ["number-monitor", "healthcheck"]
ENTRYPOINT ["number-monitor"]
CMD ["run"]
