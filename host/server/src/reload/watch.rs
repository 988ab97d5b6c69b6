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
    pub quiet: Duration,
    /// How long changes may go on before the files are read all the same.
    pub longest: Duration,
    /// How often the files are looked at even if the kernel reports no change.
    pub look: Duration,
    /// How often the files are looked at if the kernel does not report changes at all.
    pub look_alone: Duration,
    /// Whether the kernel is asked to report changes.
    pub by_kernel: bool,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            quiet: Duration::from_millis(100),
            longest: Duration::from_secs(1),
            look: Duration::from_secs(5),
            look_alone: Duration::from_secs(1),
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
                changed = self.look() => if !changed { continue },
            }
            tokio::select! {
                () = self.tasks.stopping().cancelled() => return Cause::Stop,
                () = self.settle() => return Cause::Change,
            }
        }
    }

    /// Waits until nothing has changed for a while.
    async fn settle(&self) {
        let latest = Instant::now() + self.timing.longest;
        loop {
            let quiet = latest.min(Instant::now() + self.timing.quiet);
            let woken = timeout_at(quiet, self.wake.notified()).await.is_ok();
            if !woken || Instant::now() >= latest {
                return;
            }
        }
    }

    /// Looks at the files once, when it is time.
    async fn look(&self) -> bool {
        let told = self
            .watcher
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .is_told();
        sleep(if told {
            self.timing.look
        } else {
            self.timing.look_alone
        })
        .await;
        let watcher = Arc::clone(&self.watcher);
        let look = move || {
            watcher
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .look()
        };
        self.tasks.spawn_blocking(look).await.unwrap_or(true)
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
