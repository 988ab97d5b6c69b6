//! An open loop: requests are due at a fixed rate, whatever happened to earlier ones.
//!
//! Each exchange is timed from when it was due, not from when it could be sent. A gateway that
//! stalls delays all requests that are due meanwhile, and a measurement that leaves their wait out
//! suffers from coordinated omission.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use super::closed::join;
use super::connection::exchange;
use super::{Address, Measured};

/// How many callers share the requests. Enough that a due request finds a free caller, unless the
/// gateway has fallen far behind.
const CALLERS: usize = 64;

/// Loads at `rate` requests per second for this long.
pub(crate) async fn open(address: &Address, rate: u32, long: Duration) -> Measured {
    let begun = Instant::now();
    let total = (f64::from(rate) * long.as_secs_f64()) as u64;
    let next = Arc::new(AtomicU64::new(0));
    let mut tasks = JoinSet::new();
    for _ in 0..CALLERS {
        let (address, next) = (address.clone(), Arc::clone(&next));
        tasks.spawn(async move {
            let (mut measured, mut kept) = (Measured::default(), None);
            loop {
                let turn = next.fetch_add(1, Ordering::Relaxed);
                if turn >= total {
                    break;
                }
                let due = begun + Duration::from_secs_f64(turn as f64 / f64::from(rate));
                tokio::time::sleep_until(due.into()).await;
                exchange(&mut kept, &address, due, &mut measured).await;
            }
            measured.elapsed = begun.elapsed();
            measured
        });
    }
    join(tasks).await
}
