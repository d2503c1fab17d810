# syntax=docker/dockerfile:1
# doemu alone in an image: docker build -t doemu . && docker run -p 8787:8787 -v "$PWD/fixtures/chat:/app" doemu
# For both processors: docker buildx build --platform linux/amd64,linux/arm64 .

FROM --platform=$BUILDPLATFORM golang:1.26.8 AS build
ARG TARGETOS TARGETARCH VERSION=dev
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH \
    go build -buildvcs=false -trimpath -ldflags "-s -w -X main.version=$VERSION" -o /out/doemu ./cmd/doemu && mkdir /out/state /out/app

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /out/doemu /doemu
COPY --from=build --chown=65532:65532 /out/state /state
COPY --from=build --chown=65532:65532 /out/app /app
# The admin API stays inside unless DOEMU_ADMIN_IP and DOEMU_ADMIN_TOKEN let it out. What of the Worker's port shows or
# changes state (/cdn-cgi/local/) takes the token from outside, too.
ENV DOEMU_IP=0.0.0.0 DOEMU_PERSIST_TO=/state
USER 65532:65532
WORKDIR /app
VOLUME ["/app", "/state"]
EXPOSE 8787 8788
HEALTHCHECK --interval=5s --timeout=3s --start-period=10s --start-interval=200ms CMD ["/doemu", "health"]
ENTRYPOINT ["/doemu"]
CMD ["serve"]
