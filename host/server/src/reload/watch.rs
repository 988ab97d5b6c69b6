//! Loads again whenever something may have changed, until the process stops.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, sleep, timeout_at};

use super::hangup::Hangup;
use super::loader::{Loader, Outcome};
use super::watcher::Watcher;
use crate::tasks::Tasks;

/// How soon a change leads to a load.
#[derive(Clone, Copy, Debug)]
pub struct Timing {
    /// How long nothing must have changed before the files are read: a build or an editor writes in several steps.
    pub debounce: Duration,
    /// How long changes may go on before the files are read all the same.
    pub max_debounce: Duration,
    /// How often the files are polled even if the kernel reports no change.
    pub poll_interval: Duration,
    /// How often the files are polled if the kernel does not report changes at all.
    pub poll_interval_alone: Duration,
    /// Whether the kernel is asked to report changes.
    pub by_kernel: bool,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            debounce: Duration::from_millis(100),
            max_debounce: Duration::from_secs(1),
            poll_interval: Duration::from_secs(5),
            poll_interval_alone: Duration::from_secs(1),
            by_kernel: true,
        }
    }
}

/// Watches the files of `loader` and loads them when they change, in a task that ends with the process. `SIGHUP` loads
/// them at once, whether they have changed or not.
///
/// Changes do not queue up: however many come during a load, one load follows.
pub fn watch(loader: Arc<Loader>, timing: Timing, tasks: &Tasks) {
    let watcher = Watcher::new(timing.by_kernel);
    let wake = watcher.wake();
    let watch = Watch {
        loader,
        timing,
        wake,
        watcher: Arc::new(Mutex::new(watcher)),
        tasks: tasks.clone(),
    };
    tasks.spawn(watch.run());
}

struct Watch {
    loader: Arc<Loader>,
    timing: Timing,
    wake: Arc<Notify>,
    watcher: Arc<Mutex<Watcher>>,
    tasks: Tasks,
}

#[derive(Clone, Copy)]
enum Cause {
    Change,
    Hangup,
    Stop,
}

impl Watch {
    async fn run(self) {
        let mut hangup = Hangup::listen();
        // What changed between the first load and here must not be missed either.
        let mut cause = Cause::Change;
        while !matches!(cause, Cause::Stop) {
            self.load(cause).await;
            cause = self.wait(&mut hangup).await;
        }
    }

    async fn load(&self, cause: Cause) {
        let (loader, watcher) = (Arc::clone(&self.loader), Arc::clone(&self.watcher));
        let load = move || {
            let mut watcher = watcher.lock().unwrap_or_else(PoisonError::into_inner);
            // Followed first and read then, so that no change falls in between.
            let followed = follow(&mut watcher, &loader);
            report(
                &loader,
                match cause {
                    Cause::Hangup => loader.load(),
                    Cause::Change | Cause::Stop => loader.load_if_changed(),
                },
            );
            if loader.paths() != followed {
                follow(&mut watcher, &loader);
                report(&loader, loader.load_if_changed());
            }
        };
        if self.tasks.spawn_blocking(load).await.is_err() {
            tracing::error!("loading the policies panicked; those in place stay");
        }
    }

    async fn wait(&self, hangup: &mut Hangup) -> Cause {
        loop {
            tokio::select! {
                () = self.tasks.stopping().cancelled() => return Cause::Stop,
                () = hangup.next() => return Cause::Hangup,
                () = self.wake.notified() => {}
                changed = self.poll_files() => if !changed { continue },
            }
            tokio::select! {
                () = self.tasks.stopping().cancelled() => return Cause::Stop,
                () = self.debounce() => return Cause::Change,
            }
        }
    }

    /// Waits until nothing has changed for a while.
    async fn debounce(&self) {
        let latest = Instant::now() + self.timing.max_debounce;
        loop {
            let quiet = latest.min(Instant::now() + self.timing.debounce);
            let woken = timeout_at(quiet, self.wake.notified()).await.is_ok();
            if !woken || Instant::now() >= latest {
                return;
            }
        }
    }

    /// Polls the files once, when it is time. Returns whether they changed.
    async fn poll_files(&self) -> bool {
        let by_kernel = self
            .watcher
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .is_by_kernel();
        sleep(if by_kernel {
            self.timing.poll_interval
        } else {
            self.timing.poll_interval_alone
        })
        .await;
        let watcher = Arc::clone(&self.watcher);
        let poll = move || {
            watcher
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .poll()
        };
        self.tasks.spawn_blocking(poll).await.unwrap_or(true)
    }
}

fn follow(watcher: &mut Watcher, loader: &Loader) -> Vec<PathBuf> {
    let paths = loader.paths();
    watcher.follow(paths.clone());
    paths
}

fn report(loader: &Loader, outcome: Outcome) {
    let status = loader.status().current();
    let file = loader.file().display();
    match outcome {
        Outcome::Unchanged => tracing::debug!(policy.file = %file, "the policies are unchanged"),
        Outcome::Loaded(generation) => tracing::info!(
            policy.file = %file,
            generation,
            policies = status.policies.len(),
            "reloaded the policies"
        ),
        Outcome::Refused(faults) => {
            for fault in faults.to_string().lines() {
                tracing::error!(
                    policy.file = %file,
                    generation = status.generation,
                    "the policies in place stay, since the changed ones can't be loaded: {fault}"
                );
            }
        }
    }
}
