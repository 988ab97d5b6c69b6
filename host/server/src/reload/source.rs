//! Reads the policy file and the components it names, as they are at one moment.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use bytes::Bytes;
use sha2::{Digest as _, Sha256};

use super::passthrough::Passthrough;
use super::policy_file::{Entry, Mode, PolicyFile};
use crate::hex::hex;
use crate::yaml::{Fault, Faults, Mark};

const MAX_POLICY_FILE: u64 = 1 << 20;
const MAX_COMPONENT: u64 = 64 << 20;

/// A policy of the file together with the bytes of its component.
#[derive(Clone, Debug)]
pub struct Component {
    /// Its entry in the policy file.
    pub entry: Entry,
    /// The component.
    pub bytes: Bytes,
    /// The SHA-256 of the bytes, in hexadecimal.
    pub digest: String,
}

/// What was found.
#[derive(Debug)]
pub(super) struct Source {
    /// A digest of everything that was read, faults included.
    pub(super) fingerprint: [u8; 32],
    /// The files that decide the outcome.
    pub(super) paths: Vec<PathBuf>,
    /// Every policy of the file, in order, with those that are off.
    pub(super) entries: Vec<Entry>,
    /// The paths that the file lets through unjudged.
    pub(super) passthrough: Passthrough,
    /// The policies that are not off, or everything that is wrong.
    pub(super) components: Result<Vec<Component>, Faults>,
}

impl Source {
    /// Reads everything. Blocks.
    pub(super) fn read(file: &Path) -> Self {
        let mut fingerprint = Sha256::new();
        let mut paths = vec![file.to_owned()];
        let (
            PolicyFile {
                policies: entries,
                passthrough,
            },
            mut faults,
        ) = match read_text(file) {
            Ok(text) => {
                fingerprint.update(text.as_bytes());
                PolicyFile::read(&text)
            }
            Err(problem) => {
                fingerprint.update(problem.as_bytes());
                (
                    PolicyFile::default(),
                    vec![Fault::new(Mark::default(), "", problem)],
                )
            }
        };
        let folder = file.parent().unwrap_or(Path::new(""));
        let mut components = Vec::new();
        for entry in entries.iter().filter(|entry| entry.mode == Mode::Enforce) {
            let path = folder.join(&entry.component);
            match read_component(entry, &path) {
                Ok(component) => {
                    fingerprint.update(&component.digest);
                    components.push(component);
                }
                Err(fault) => {
                    fingerprint.update(&fault.problem);
                    faults.push(fault);
                }
            }
            paths.push(path);
        }
        let components = if faults.is_empty() {
            Ok(components)
        } else {
            Err(Faults::new(file, faults))
        };
        Self {
            fingerprint: fingerprint.finalize().into(),
            paths,
            entries,
            passthrough,
            components,
        }
    }
}

fn read_text(path: &Path) -> Result<String, String> {
    let bytes = read_bounded(path, MAX_POLICY_FILE)
        .map_err(|error| format!("the policy file can't be read: {error}"))?;
    String::from_utf8(bytes).map_err(|error| {
        format!(
            "the policy file is not UTF-8 from byte {}",
            error.utf8_error().valid_up_to()
        )
    })
}

fn read_component(entry: &Entry, path: &Path) -> Result<Component, Fault> {
    let bytes = read_bounded(path, MAX_COMPONENT).map_err(|error| {
        entry.fault(
            "component",
            format!("`{}` can't be read: {error}", path.display()),
        )
    })?;
    let digest = hex(&Sha256::digest(&bytes));
    match &entry.sha256 {
        Some(expected) if *expected != digest => {
            let path = path.display();
            let problem = format!("expected {expected}, but `{path}` has the digest {digest}");
            Err(entry.fault("sha256", problem))
        }
        _ => Ok(Component {
            entry: entry.clone(),
            bytes: bytes.into(),
            digest,
        }),
    }
}

/// Refuses a file that is not a regular one: to read a pipe may take for ever.
fn read_bounded(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    let metadata = std::fs::metadata(path)?;
    if !metadata.is_file() {
        return Err(io::Error::other("it is not a file"));
    }
    let mut bytes = Vec::new();
    File::open(path)?.take(limit + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        return Err(io::Error::other(format!("it is over {} MiB", limit >> 20)));
    }
    Ok(bytes)
}
