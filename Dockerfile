# Targets: service (the last, so the default), with-model, model-build, loadtest, sbom. docs/how-to/images.md describes how each is built and what it holds.
#
# A release pins both bases by digest: deploy/image/bases.env tells how. Both hold Debian 12's Python 3.11, so that what the one
# installs runs on the other.
ARG BUILD_BASE=docker.io/library/python:3.11-slim-bookworm
ARG RUN_BASE=gcr.io/distroless/python3-debian12:nonroot

FROM ${BUILD_BASE} AS packages
WORKDIR /source
COPY requirements/image.txt ./
# The dependencies alone, and what sends traces: this layer stays while the code changes.
RUN python3 -m venv --without-pip /venv \
    && python3 -m pip --python /venv/bin/python3 install --no-cache-dir --disable-pip-version-check --no-deps --require-hashes -r image.txt
COPY deploy/image/trim ./
RUN sh trim /venv/lib/python3.11/site-packages
RUN mkdir -m 0700 /items
COPY service /app/service
# Loads the model, so that an image that trimming broke is not one. By hash: a copy changes the times of files.
RUN cp -r /venv/lib/python3.11/site-packages/. /app/ \
    && python3 -m compileall -q --invalidation-mode unchecked-hash /app \
    && PYTHONPATH=/app /venv/bin/python3 -m service info

FROM packages AS bill
ARG CYCLONEDX_VERSION=7.5.0
RUN python3 -m venv /tools \
    && /tools/bin/pip install --no-cache-dir --disable-pip-version-check "cyclonedx-bom==${CYCLONEDX_VERSION}" \
    && /tools/bin/cyclonedx-py environment --output-reproducible --of JSON -o /sbom.json /venv/bin/python3

FROM scratch AS sbom
COPY --from=bill /sbom.json /sbom.json

FROM ${BUILD_BASE} AS model-build
ARG TORCH_INDEX=https://download.pytorch.org/whl/cpu
WORKDIR /source
COPY pyproject.toml README.md LICENSE requirements/constraints.txt ./
COPY edge_rank edge_rank
COPY service service
COPY model_build model_build
# The index of torch without CUDA: with it, the image would be gigabytes larger.
RUN python3 -m venv /venv \
    && /venv/bin/pip install --no-cache-dir --disable-pip-version-check --extra-index-url "${TORCH_INDEX}" \
        --constraint constraints.txt '.[build,teachers]' \
    && mkdir /work && chown 65532:65532 /work
ENV PATH=/venv/bin:/usr/local/bin:/usr/bin:/bin HF_HUB_OFFLINE=1 MPLCONFIGDIR=/tmp HOME=/tmp
WORKDIR /work
USER 65532:65532
ENTRYPOINT ["model-build"]
CMD ["--help"]

FROM ${BUILD_BASE} AS loadtest
WORKDIR /source
COPY pyproject.toml README.md LICENSE requirements/constraints.txt ./
COPY edge_rank edge_rank
COPY service service
RUN python3 -m venv /venv \
    && /venv/bin/pip install --no-cache-dir --disable-pip-version-check --constraint constraints.txt '.[loadtest]' \
    && mkdir /recordings && chown 65532:65532 /recordings
WORKDIR /app
COPY loadtests loadtests
ENV PATH=/venv/bin:/usr/local/bin:/usr/bin:/bin PYTHONPATH=/app PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 HOME=/tmp MPLCONFIGDIR=/tmp
USER 65532:65532
EXPOSE 5557 9646
ENTRYPOINT ["locust", "--locustfile", "/app/loadtests/locustfile.py"]
CMD ["--help"]

FROM ${RUN_BASE} AS serving
COPY --from=packages /app /app
# Where items live that clients put, if there is no Redis: a volume that is mounted here takes the owner over.
COPY --from=packages --chown=65532:65532 /items /var/lib/edge-rank
ENV PYTHONPATH=/app \
    XDG_STATE_HOME=/var/lib \
    ORT_DISABLE_TELEMETRY=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    EDGE_RANK_HOST=0.0.0.0 \
    EDGE_RANK_ENVIRONMENT=production \
    EDGE_RANK_LOG_FORMAT=json \
    EDGE_RANK_DRAIN_S=10
WORKDIR /app
USER 65532:65532
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
    CMD ["/usr/bin/python3", "-c", "import os, urllib.request; urllib.request.urlopen(f'http://127.0.0.1:{os.environ.get(\"EDGE_RANK_PORT\", 8000)}/readyz', timeout=2)"]
ENTRYPOINT ["/usr/bin/python3", "-m", "service"]
CMD ["serve"]

# A model of one's own in the image: a roll-out of this image is one of the model, and so is its roll-back.
#     docker build --target with-model --build-context artifact=runs/edge-rank-en/artifact .
FROM serving AS with-model
# A build context, not a stage.
# hadolint ignore=DL3022
COPY --from=artifact . /models/current
ENV EDGE_RANK_MODEL=/models/current

FROM serving AS service
