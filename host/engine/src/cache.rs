//! The interface of a cache of compiled policies, which outlives the process.
//!
//! The engine reads no files, so whoever runs the engine hands a cache in. What comes out of it runs as native
//! code, which is why the trait is `unsafe` to implement.

use std::fmt;
use std::fs::File;
use std::hash::{Hash as _, Hasher};

use sha2::{Digest as _, Sha256};

use crate::digest::Digest;
use crate::{EngineConfig, Limits};

/// Keeps compiled code, by key. It is called while a policy is loaded, off the async threads.
///
/// # Safety
///
/// What `find` returns is run as native code with the rights of the process. It must be exactly what `keep` was
/// given under the same key, by an engine on this host that is trusted as much as this process is. It must never
/// be something that anybody else may have written, or may have changed since. If it is a [file](Code::File), the
/// bytes of the code must not change for as long as the process lives: a newer entry replaces the file's name and
/// not its content.
#[expect(
    unsafe_code,
    reason = "an implementation that lies would run what somebody else wrote"
)]
pub unsafe trait Cache: fmt::Debug + Send + Sync {
    /// Returns what was kept under this key. Returns `None` if it is not there any more.
    fn find(&self, key: &CacheKey) -> Option<CacheEntry>;

    /// Keeps this code and its metadata, and replaces what may be there under the key. A failure is not
    /// reported, because what is not kept is compiled again.
    fn keep(&self, key: &CacheKey, code: &[u8], metadata: &[u8]);
}

/// What a cache kept under a key.
#[derive(Debug)]
pub struct CacheEntry {
    /// Machine code.
    pub code: Code,
    /// What the engine has to know about the code.
    pub metadata: Vec<u8>,
}

/// Machine code that a cache kept.
#[derive(Debug)]
pub enum Code {
    /// In memory.
    Bytes(Vec<u8>),
    /// In an open file that begins with it. What follows the code in the file belongs to the cache. The engine maps
    /// the file if it can, so that only the code that has run takes memory.
    File {
        /// Open to read.
        file: File,
        /// How many of its bytes are code.
        length: u64,
    },
}

/// What an entry holds.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Subject {
    /// A component that was compiled to call its load hooks.
    Trial,
    /// The functions of a component, one by one.
    Functions,
}

/// A digest of everything that decides the outcome of a load: the component, the config, the bounds of the load, and
/// how this engine compiles.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct CacheKey([u8; 32]);

impl CacheKey {
    /// The key of a policy in an engine whose way of compiling has this digest.
    pub(crate) fn new(
        compiler: Digest,
        engine: &EngineConfig,
        component: Digest,
        config: &str,
        limits: &Limits,
    ) -> Self {
        let mut digest = Sha256::new();
        digest.update(compiler.as_bytes());
        digest.update(component.as_bytes());
        digest.update([u8::from(engine.snapshots)]);
        let numbers = [
            engine.max_memory_bytes as u64,
            limits.memory_bytes as u64,
            limits.load_fuel(),
        ];
        numbers
            .iter()
            .for_each(|number| digest.update(number.to_le_bytes()));
        digest.update(engine.load_deadline.as_nanos().to_le_bytes());
        // Last, since it alone has no fixed length.
        digest.update(config);
        Self(digest.finalize().into())
    }

    /// The key of what depends on nothing but a component and how it is compiled.
    pub(crate) fn of(subject: Subject, compiler: Digest, component: Digest) -> Self {
        let mut digest = Sha256::new();
        digest.update(match subject {
            Subject::Trial => b"trial",
            Subject::Functions => b"parts",
        });
        digest.update(compiler.as_bytes());
        digest.update(component.as_bytes());
        Self(digest.finalize().into())
    }

    /// The key of these bytes, as [`as_bytes`](Self::as_bytes) gave them.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes of the key.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// As 64 lowercase hexadecimal digits, which is a file's name anywhere.
impl fmt::Display for CacheKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for CacheKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// How this engine compiles: this crate's version and wasmtime's, its settings, the CPU's features.
pub(crate) fn compiler(engine: &wasmtime::Engine) -> Digest {
    let mut hasher = Sha256Hasher(Sha256::new());
    env!("CARGO_PKG_VERSION").hash(&mut hasher);
    engine.precompile_compatibility_hash().hash(&mut hasher);
    Digest::from_bytes(hasher.0.finalize().into())
}

/// The standard hashers have 64 bits, which are too few to tell code apart by.
struct Sha256Hasher(Sha256);

impl Hasher for Sha256Hasher {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The first 64 bits; the digest itself is what is asked for.
    fn finish(&self) -> u64 {
        let digest: [u8; 32] = self.0.clone().finalize().into();
        digest
            .iter()
            .take(8)
            .fold(0, |sum, &byte| sum << 8 | u64::from(byte))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::time::Duration;

    use super::{CacheKey, Subject};
    use crate::{Digest, EngineConfig, Limits};

    #[test]
    fn whatever_decides_the_outcome_of_a_load_makes_another_key() {
        let (engine, limits) = (EngineConfig::default(), Limits::default());
        let (compiler, component) = (Digest::of(b"compiler"), Digest::of(b"component"));
        let base = CacheKey::new(compiler, &engine, component, "{}", &limits);
        let with_engine = |engine| CacheKey::new(compiler, &engine, component, "{}", &limits);
        let with_limits = |limits| CacheKey::new(compiler, &engine, component, "{}", &limits);
        let keys = [
            base,
            CacheKey::new(component, &engine, compiler, "{}", &limits),
            CacheKey::new(Digest::of(b"other"), &engine, component, "{}", &limits),
            CacheKey::new(compiler, &engine, Digest::of(b"other"), "{}", &limits),
            CacheKey::new(compiler, &engine, component, "[]", &limits),
            with_engine(EngineConfig {
                snapshots: false,
                ..engine.clone()
            }),
            with_engine(EngineConfig {
                max_memory_bytes: 1 << 20,
                ..engine.clone()
            }),
            with_engine(EngineConfig {
                load_deadline: Duration::from_secs(1),
                ..engine.clone()
            }),
            with_limits(Limits {
                memory_bytes: 1 << 20,
                ..limits
            }),
            with_limits(Limits {
                request_fuel: 1,
                ..limits
            }),
            CacheKey::of(Subject::Trial, compiler, component),
            CacheKey::of(Subject::Functions, compiler, component),
            CacheKey::of(Subject::Functions, component, compiler),
        ];
        let different: HashSet<_> = keys.iter().collect();
        assert_eq!(different.len(), keys.len());
        let again = CacheKey::new(compiler, &engine, component, "{}", &limits);
        assert_eq!(again, base);
    }

    #[test]
    fn what_no_load_depends_on_leaves_the_key_as_it_is() {
        let (engine, limits) = (EngineConfig::default(), Limits::default());
        let key = |engine: &EngineConfig, limits: &Limits| {
            CacheKey::new(Digest::of(b""), engine, Digest::of(b""), "{}", limits)
        };
        let other_engine = EngineConfig {
            instances: 1,
            ..engine.clone()
        };
        let other_limits = Limits {
            block_fuel: 1,
            deadline: Duration::from_secs(1),
            ..limits
        };
        assert_eq!(key(&engine, &limits), key(&other_engine, &other_limits));
    }

    #[test]
    fn a_key_is_shown_as_a_file_name() {
        let (engine, limits) = (EngineConfig::default(), Limits::default());
        let key = CacheKey::new(Digest::of(b""), &engine, Digest::of(b""), "{}", &limits);
        let name = key.to_string();
        assert_eq!(name.len(), 64);
        assert!(name.bytes().all(|byte| byte.is_ascii_hexdigit()));
    }
}
