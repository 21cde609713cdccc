# CPU only. The library is published while the image is built, so that the first start answers at once.
FROM python:3.11-slim AS build
WORKDIR /app
RUN python -m venv /venv
ENV PATH=/venv/bin:$PATH
COPY pyproject.toml constraints.txt README.md LICENSE ingest.py ./
COPY bot bot
COPY knowledge knowledge
RUN pip install --no-cache-dir -c constraints.txt .
RUN DATA_DIR=/data python ingest.py

FROM python:3.11-slim
RUN useradd --system --create-home --uid 10001 haidang
WORKDIR /app
COPY --from=build /venv /venv
COPY --from=build --chown=haidang /app /app
COPY --from=build --chown=haidang /data /data
USER haidang
ENV PATH=/venv/bin:$PATH DATA_DIR=/data KNOWLEDGE_DIR=/app/knowledge/guides HOST=0.0.0.0 PYTHONUNBUFFERED=1
# The chat page; put a proxy with TLS in front of it.
EXPOSE 8080
VOLUME /data
HEALTHCHECK --interval=60s --timeout=30s --start-period=60s CMD ["python", "-m", "bot", "doctor"]
CMD ["python", "-m", "bot", "run"]
