//! Loads the policy file and puts it in force, either all of it or nothing.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use sluice_api::{Happening, PoliciesLoaded};
use tokio::sync::watch;

use super::install::{Install, Installed, Refused};
use super::passthrough::{Passthrough, PassthroughHandle};
use super::policy_file::Entry;
use super::source::Source;
use super::status::{Failure, PolicyStatus, Status, StatusHandle};
use crate::bus::Bus;
use crate::yaml::{Fault, Faults, Mark};

/// Loads one policy file, each time that it is told to.
pub struct Loader {
    file: PathBuf,
    install: Box<dyn Install>,
    status: watch::Sender<Arc<Status>>,
    passthrough: watch::Sender<Passthrough>,
    /// Where it is told how loads went.
    bus: Bus,
    /// What the last load read. The lock is held during a load, so that there is one at a time.
    last: Mutex<Option<Read>>,
}

/// What a load read.
struct Read {
    fingerprint: [u8; 32],
    paths: Vec<PathBuf>,
}

/// The outcome of a load.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The files are the same as at the last load.
    Unchanged,
    /// The policies are in force, as this generation.
    Loaded(u64),
    /// Something is wrong, and nothing was changed.
    Refused(Faults),
}

impl Loader {
    /// Loads nothing yet.
    pub fn new(file: &Path, install: impl Install) -> Self {
        let status = Status {
            file: Some(file.to_owned()),
            ..Status::default()
        };
        Self {
            file: file.to_owned(),
            install: Box::new(install),
            status: watch::Sender::new(Arc::new(status)),
            passthrough: watch::Sender::default(),
            bus: Bus::default(),
            last: Mutex::new(None),
        }
    }

    /// Tells on this bus how loads went.
    #[must_use]
    pub fn telling(self, bus: Bus) -> Self {
        Self { bus, ..self }
    }

    /// The policy file.
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// The status of the policies, now and after each load.
    pub fn status(&self) -> StatusHandle {
        StatusHandle(self.status.subscribe())
    }

    /// The paths that the policy file in force lets through unjudged, now and after each load. There are none until
    /// a file is in force.
    pub fn passthrough(&self) -> PassthroughHandle {
        PassthroughHandle(self.passthrough.subscribe())
    }

    /// Loads the files as they are now, whether they have changed or not. It blocks for as long as compiling takes.
    pub fn load(&self) -> Outcome {
        self.try_source(|_, _| false)
    }

    /// Loads the files as they are now, unless they are the same as at the last load. It blocks as
    /// [`load`](Self::load) does.
    pub fn load_if_changed(&self) -> Outcome {
        self.try_source(|last, now| last == now)
    }

    /// The files that decide the outcome of a load.
    pub(super) fn paths(&self) -> Vec<PathBuf> {
        let last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        last.as_ref()
            .map_or_else(|| vec![self.file.clone()], |last| last.paths.clone())
    }

    fn try_source(&self, same: impl Fn(&[u8; 32], &[u8; 32]) -> bool) -> Outcome {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let source = Source::read(&self.file);
        let unchanged = last
            .as_ref()
            .is_some_and(|last| same(&last.fingerprint, &source.fingerprint));
        *last = Some(Read {
            fingerprint: source.fingerprint,
            paths: source.paths,
        });
        if unchanged {
            return Outcome::Unchanged;
        }
        let installed = source.components.and_then(|components| {
            self.install.install(&components).map_err(|refused| {
                let entries = components.iter().map(|component| &component.entry);
                place(&self.file, entries, refused)
            })
        });
        match installed {
            Ok(installed) => self.loaded(&source.entries, source.passthrough, installed),
            Err(faults) => self.refused(faults),
        }
    }

    fn loaded(&self, entries: &[Entry], passthrough: Passthrough, installed: Installed) -> Outcome {
        let generation = installed.generation;
        // Before the status, so that whoever was told of the generation finds all of it in force.
        self.passthrough.send_replace(passthrough.clone());
        self.status.send_replace(Arc::new(Status {
            generation,
            loaded_at: Some(SystemTime::now()),
            file: Some(self.file.clone()),
            policies: statuses(entries, installed.policies),
            passthrough,
            last_error: None,
        }));
        self.bus.tell(Happening::PoliciesLoaded(self.in_force()));
        Outcome::Loaded(generation)
    }

    fn refused(&self, faults: Faults) -> Outcome {
        let failure = Failure {
            at: Some(SystemTime::now()),
            text: faults.to_string(),
        };
        self.status.send_modify(|status| {
            *status = Arc::new(Status {
                last_error: Some(failure),
                ..Status::clone(status)
            });
        });
        self.bus.tell(Happening::PoliciesRefused(self.in_force()));
        Outcome::Refused(faults)
    }

    fn in_force(&self) -> PoliciesLoaded {
        let status = self.status.borrow();
        PoliciesLoaded {
            generation: status.generation,
            policies: status.policies.len() as u64,
        }
    }
}

/// The policies in place among those that are off.
fn statuses(entries: &[Entry], installed: Vec<PolicyStatus>) -> Vec<PolicyStatus> {
    let mut installed = installed.into_iter().peekable();
    let status = |entry: &Entry| {
        installed
            .next_if(|status| status.name == entry.name)
            .unwrap_or_else(|| PolicyStatus {
                name: entry.name.clone(),
                mode: entry.mode,
                digest: None,
                version: None,
                snapshot: None,
            })
    };
    entries.iter().map(status).collect()
}

/// Finds the places in the file for what was refused.
fn place<'a>(
    file: &Path,
    entries: impl Iterator<Item = &'a Entry> + Clone,
    refused: Vec<Refused>,
) -> Faults {
    let fault = |refused: Refused| {
        let entry = entries.clone().find(|entry| entry.name == refused.policy);
        match entry {
            Some(entry) => entry.fault(refused.field, refused.problem),
            None => Fault::new(Mark::default(), "", refused.problem),
        }
    };
    Faults::new(file, refused.into_iter().map(fault).collect())
}

#[cfg(test)]
mod tests {
    use tokio_util::sync::CancellationToken;

    use super::*;
    use crate::bus::{Bounds, Heard};

    /// Takes everything as its first generation.
    struct All;

    impl Install for All {
        fn install(
            &self,
            components: &[super::super::Component],
        ) -> Result<Installed, Vec<Refused>> {
            assert!(components.is_empty());
            Ok(Installed {
                generation: 1,
                policies: Vec::new(),
            })
        }
    }

    #[tokio::test]
    #[expect(clippy::disallowed_methods, reason = "it ends with the test's runtime")]
    async fn each_load_is_told_however_it_ends() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("p.yaml");
        let (bus, running) = Bus::new(Bounds::default());
        tokio::spawn(running.run(CancellationToken::new()));
        let mut listener = bus.listen(None, |_| true).unwrap();
        let loader = Loader::new(&file, All).telling(bus);
        let mut told = async |text: &str| {
            std::fs::write(&file, text).unwrap();
            loader.load_if_changed();
            match listener.next().await {
                Heard::Events(entries) => entries[0].event.what.clone(),
                other => panic!("it heard {other:?}"),
            }
        };
        let in_force = PoliciesLoaded {
            generation: 1,
            policies: 0,
        };
        let loaded = told("policies: []").await;
        assert_eq!(loaded, Happening::PoliciesLoaded(in_force));
        let refused = told("polices: []").await;
        assert_eq!(refused, Happening::PoliciesRefused(in_force));
        // Nothing changed, so nothing is told before this.
        assert_eq!(loader.load_if_changed(), Outcome::Unchanged);
        assert_eq!(told("policies: [] #").await, loaded);
    }
}
