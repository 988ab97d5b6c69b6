//! The measurements of a load.

use std::time::Duration;

/// The exchanges of a load, or of one of its connections.
#[derive(Clone, Debug, Default)]
pub(crate) struct Measured {
    /// How many finished as they should.
    pub(crate) exchanges: u64,
    /// How many failed.
    pub(crate) failed: u64,
    /// Why the first of them failed.
    pub(crate) fault: Option<String>,
    /// The time from the first request to the last byte.
    pub(crate) elapsed: Duration,
    /// The time from when a request was due to the last byte of its reply.
    pub(crate) latency: Spread,
    /// The time from when a request was due to the first byte of its reply's body.
    pub(crate) first_byte: Spread,
    /// The time between arrivals of a stream's bytes.
    pub(crate) gap: Spread,
}

/// All measured times of one thing.
#[derive(Clone, Debug, Default)]
pub(crate) struct Spread(Vec<Duration>);

impl Measured {
    /// Adds what another connection measured at the same time.
    pub(crate) fn join(&mut self, other: Self) {
        self.exchanges += other.exchanges;
        self.failed += other.failed;
        self.fault = self.fault.take().or(other.fault);
        self.elapsed = self.elapsed.max(other.elapsed);
        self.latency.0.extend(other.latency.0);
        self.first_byte.0.extend(other.first_byte.0);
        self.gap.0.extend(other.gap.0);
    }

    pub(crate) fn per_second(&self) -> f64 {
        self.exchanges as f64 / self.elapsed.as_secs_f64().max(f64::EPSILON)
    }
}

impl Spread {
    pub(crate) fn add(&mut self, time: Duration) {
        self.0.push(time);
    }

    /// Adds what was measured elsewhere.
    pub(crate) fn join(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// The quantile in seconds. `None` if nothing was measured.
    pub(crate) fn quantile(&self, part: f64) -> Option<f64> {
        let mut sorted = self.0.clone();
        let at = ((sorted.len() as f64 * part).ceil() as usize).saturating_sub(1);
        if at >= sorted.len() {
            return None;
        }
        let (_, time, _) = sorted.select_nth_unstable(at);
        Some(time.as_secs_f64())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quantile_is_a_time_that_was_taken() {
        let mut spread = Spread::default();
        assert_eq!(spread.quantile(0.5), None);
        (1..=100)
            .rev()
            .for_each(|second| spread.add(Duration::from_secs(second)));
        assert_eq!(spread.quantile(0.5), Some(50.0));
        assert_eq!(spread.quantile(0.99), Some(99.0));
        assert_eq!(spread.quantile(1.0), Some(100.0));
    }
}
