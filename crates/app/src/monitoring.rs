//! Figures for Prometheus, and a yes for load balancers.

use anyhow::{Context as _, Result};
use axum::Router;
use axum::routing::get;
use metrics_exporter_prometheus::PrometheusBuilder;
use std::net::SocketAddr;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// Serves `/metrics` and `/healthz` until shutdown.
///
/// # Errors
///
/// The address is in use, or something records figures already.
pub(crate) async fn serve(
    address: SocketAddr,
    shutdown: CancellationToken,
) -> Result<impl Future<Output = ()>> {
    let recorder = PrometheusBuilder::new().install_recorder().context("record metrics")?;
    let listener = TcpListener::bind(address).await.with_context(|| format!("listen on {address}"))?;
    let pages = Router::new()
        .route("/metrics", get(move || std::future::ready(recorder.render())))
        .route("/healthz", get(|| std::future::ready("ok\n")));
    Ok(async move {
        let served = axum::serve(listener, pages).with_graceful_shutdown(shutdown.cancelled_owned()).await;
        if let Err(error) = served {
            tracing::error!(%error, "the page of metrics ended");
        }
    })
}
