//! A closed loop: a fixed number of callers, each of which asks again as soon as it is answered.

use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use super::connection::exchange;
use super::{Address, Measured};

/// Loads for this long. Exchanges that have begun are finished.
///
/// Callers begin one after the other, spread over `spread`. Otherwise those whose streams all take
/// the same time would stay together, and each would be timed as one of a flood.
pub(crate) async fn closed(
    address: &Address,
    callers: usize,
    spread: Duration,
    long: Duration,
) -> Measured {
    let begun = Instant::now();
    let apart = spread / callers.max(1) as u32;
    let mut tasks = JoinSet::new();
    for caller in 0..callers as u32 {
        let address = address.clone();
        tasks.spawn(async move {
            tokio::time::sleep(apart * caller).await;
            let (mut measured, mut kept) = (Measured::default(), None);
            while begun.elapsed() < long {
                exchange(&mut kept, &address, Instant::now(), &mut measured).await;
            }
            measured.elapsed = begun.elapsed();
            measured
        });
    }
    join(tasks).await
}

/// Joins the measurements of all callers.
pub(super) async fn join(mut tasks: JoinSet<Measured>) -> Measured {
    let mut all = Measured::default();
    while let Some(measured) = tasks.join_next().await {
        match measured {
            Ok(measured) => all.join(measured),
            Err(error) => all.fault = Some(error.to_string()),
        }
    }
    all
}
