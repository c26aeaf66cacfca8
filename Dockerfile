# monitor in a container: the config is a folder that you mount (as editors and config maps replace files by renaming,
# a single mounted file would stay the old one), the database a volume: database = "/data/monitor.db" in the config.
#
#   docker build -t monitor .
#   docker run -d --name monitor -v "$PWD/config:/config:ro" -v monitor:/data monitor
#   docker exec monitor monitor alerts

FROM python:3.12-slim AS built
COPY pyproject.toml constraints.txt README.md LICENSE /src/
COPY monitor /src/monitor
RUN python -m venv /opt/monitor \
    && /opt/monitor/bin/pip install --no-cache-dir -c /src/constraints.txt /src

FROM python:3.12-slim
COPY --from=built /opt/monitor /opt/monitor
ENV PATH=/opt/monitor/bin:$PATH \
    MONITOR_CONFIG=/config/config.toml \
    PYTHONUNBUFFERED=1
RUN mkdir /data /config && chown 10001:10001 /data
# A number, so that a cluster can tell that it is not root.
USER 10001:10001
WORKDIR /data
VOLUME /data
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=1m --timeout=20s --start-period=2m --retries=3 CMD ["monitor", "health"]
ENTRYPOINT ["monitor"]
CMD ["run"]
