# syntax=docker/dockerfile:1
FROM python:3.11-slim AS build
WORKDIR /build
COPY requirements/build.txt requirements/run.txt requirements/
RUN python -m venv /build/tools \
 && /build/tools/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements/build.txt \
 && python -m venv /opt/number-monitor \
 && /opt/number-monitor/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements/run.txt
COPY pyproject.toml README.md LICENSE ./
COPY monitor monitor
RUN /build/tools/bin/python -m hatchling build -t wheel \
 && /opt/number-monitor/bin/pip install --no-cache-dir --disable-pip-version-check --no-deps dist/*.whl \
 && /opt/number-monitor/bin/pip uninstall --yes --quiet pip setuptools \
 && /opt/number-monitor/bin/python -m compileall -q /opt/number-monitor/lib

FROM python:3.11-slim
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="number-monitor" \
      org.opencontainers.image.description="Watches the WhatsApp numbers of an NXCloud integrator: Prometheus gauges, and events when a number degrades" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
COPY --from=build /opt/number-monitor /opt/number-monitor
# State lives in /data alone: the root file system may be read-only.  The fixed number lets a volume be owned beforehand.
RUN groupadd --gid 10001 number-monitor \
 && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /data --shell /usr/sbin/nologin number-monitor \
 && install -d -o 10001 -g 10001 -m 0750 /data \
 && install -d /etc/number-monitor
ENV PATH=/opt/number-monitor/bin:$PATH \
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
