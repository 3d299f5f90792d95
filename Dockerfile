# syntax=docker/dockerfile:1
# The image: the program and nothing else, for a user without rights.

ARG RUNTIME=gcr.io/distroless/cc-debian12:nonroot

FROM rust:1.95-bookworm AS build
WORKDIR /src
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry --mount=type=cache,target=/src/target \
    cargo build --profile dist --locked --package donation-portal \
    && strip --strip-all -o /donation-portal target/dist/donation-portal \
    && mkdir /data

FROM ${RUNTIME}
COPY --from=build /donation-portal /usr/bin/donation-portal
# The database's folder; a volume takes over its owner.
COPY --from=build --chown=65532:65532 /data /data
ENV DATABASE_URL=sqlite:///data/inbox.db \
    LISTEN_ADDR=0.0.0.0:8787
USER 65532:65532
VOLUME /data
EXPOSE 8787 8788
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s CMD ["donation-portal", "health"]
ENTRYPOINT ["donation-portal"]
CMD ["serve"]
