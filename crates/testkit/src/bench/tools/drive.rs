//! Load: so many writers in a closed loop, each doing one thing after another.

use super::clock::now;
use anyhow::Result;
use futures::future::try_join_all;
use std::time::Duration;
use tokio_util::task::TaskTracker;

/// How long a loop runs before it counts.
const WARM_UP: Duration = Duration::from_millis(500);

/// Runs `act(writer, n)` in so many tasks, each with n = 0, 1, …; returns how often a second it was done once warm.
///
/// # Errors
///
/// The first error of any of them.
pub(crate) async fn closed_loop<F, A>(writers: usize, length: Duration, act: F) -> Result<f64>
where
    F: Fn(usize, u64) -> A + Clone + Send + 'static,
    A: Future<Output = Result<()>> + Send + 'static,
{
    let tasks = TaskTracker::new();
    let begun = now();
    let running = (0..writers).map(|writer| {
        let act = act.clone();
        tasks.spawn(async move {
            let (mut done, mut counted) = (0, 0_u64);
            while begun.elapsed() < WARM_UP + length {
                act(writer, done).await?;
                done += 1;
                counted += u64::from(begun.elapsed() >= WARM_UP);
            }
            Ok::<u64, anyhow::Error>(counted)
        })
    });
    let counted = try_join_all(running).await?;
    let mut sum = 0;
    for done in counted {
        sum += done?;
    }
    Ok(sum as f64 / begun.elapsed().saturating_sub(WARM_UP).as_secs_f64())
}

/// The middle one.
pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// The value that so many percent are not above.
pub(crate) fn percentile(values: &mut [f64], percent: usize) -> f64 {
    values.sort_by(f64::total_cmp);
    let index = (values.len() * percent / 100).min(values.len().saturating_sub(1));
    values.get(index).copied().unwrap_or(f64::NAN)
}
