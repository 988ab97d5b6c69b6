//! Compiles a component to machine code and loads machine code as a component, using the cache if
//! there is one.

use std::fs::File;
use std::io::{self, Read as _, Seek as _};
use std::sync::Arc;

use wasmtime::Config;
use wasmtime::component::Component;

use super::compile::one_line;
use crate::cache::{CacheEntry, Code};
use crate::digest::Digest;
use crate::functions::Functions;
use crate::settings::{self, Purpose};
use crate::{Engine, EngineConfig};

/// The component that is compiled.
#[derive(Clone, Copy, Debug)]
pub(super) struct Origin {
    /// Its digest.
    pub(super) digest: Digest,
    /// The digest of the component that it replaces, if any. The two may share many functions.
    pub(super) successor_of: Option<Digest>,
}

/// Compiles code that serves exchanges.
pub(super) fn serving(engine: &Engine, origin: Origin, bytes: &[u8]) -> Result<Component, String> {
    let code = compile(engine, Purpose::Serving, origin, bytes)?;
    load(engine.serving(), &Code::Bytes(code))
}

/// Compiles code for trying the load hooks. It depends on nothing but the component.
pub(super) fn trial(engine: &Engine, origin: Origin, bytes: &[u8]) -> Result<Component, String> {
    // The bytes may be the component's own, or instrumented ones.
    let cached = engine.cached_trial(Digest::of(bytes));
    let found = cached.and_then(|(cache, key)| cache.find(&key));
    if let Some(CacheEntry { code, .. }) = found
        && let Ok(component) = load(engine.trial(), &code)
    {
        return Ok(component);
    }
    let code = compile(engine, Purpose::Trial, origin, bytes)?;
    if let Some((cache, key)) = cached {
        cache.keep(&key, &code, b"");
    }
    load(engine.trial(), &Code::Bytes(code))
}

/// Compiles, reusing functions from an earlier compile of the same component, or else of the one
/// that it replaces.
fn compile(
    engine: &Engine,
    purpose: Purpose,
    origin: Origin,
    bytes: &[u8],
) -> Result<Vec<u8>, String> {
    let mut settings = match purpose {
        Purpose::Serving => settings::serving(&EngineConfig {
            instances: 1,
            ..engine.config().clone()
        }),
        Purpose::Trial => settings::trial(),
    };
    let Some((cache, key)) = engine.cached_functions(purpose, origin.digest) else {
        return precompile(&settings, bytes);
    };
    let left = |key| cache.find(&key)?.code.into_bytes().ok();
    let left_before = |component| left(engine.cached_functions(purpose, component)?.1);
    let found = left(key).or_else(|| origin.successor_of.and_then(left_before));
    let functions = Arc::new(Functions::new(found.unwrap_or_default()));
    settings
        .enable_incremental_compilation(Arc::clone(&functions) as _)
        .map_err(one_line)?;
    let code = precompile(&settings, bytes)?;
    cache.keep(&key, &functions.take_left(), b"");
    Ok(code)
}

/// Compiles in an engine of its own, which is dropped afterwards. A compiler keeps its memory as
/// long as its engine lives, and that is more than ten policies need.
fn precompile(settings: &Config, bytes: &[u8]) -> Result<Vec<u8>, String> {
    let engine = wasmtime::Engine::new(settings).map_err(one_line)?;
    engine.precompile_component(bytes).map_err(one_line)
}

/// Loads code that a compiler of this process or the cache has returned.
pub(super) fn load(engine: &wasmtime::Engine, code: &Code) -> Result<Component, String> {
    match code {
        Code::Bytes(bytes) => copied(engine, bytes),
        // The folder may be mounted so that nothing in it can be executed.
        Code::File { file, length } => mapped(engine, file).or_else(|error| {
            tracing::debug!("compiled code can't be mapped, so it is copied: {error}");
            let bytes = read(file, *length).map_err(|error| error.to_string())?;
            copied(engine, &bytes)
        }),
    }
}

#[expect(unsafe_code, reason = "there is no other way to load compiled code")]
fn copied(engine: &wasmtime::Engine, code: &[u8]) -> Result<Component, String> {
    // SAFETY: wasmtime made these bytes, in this process or in one that put them into a `Cache`, which
    // gives back nothing else. Where another version of wasmtime, other settings or another CPU made
    // them, their key differs, and wasmtime checks that once more.
    let component = unsafe { Component::deserialize(engine, code) };
    component.map_err(one_line)
}

#[expect(unsafe_code, reason = "there is no other way to load compiled code")]
#[cfg(target_os = "linux")]
fn mapped(engine: &wasmtime::Engine, file: &File) -> Result<Component, String> {
    use std::os::fd::AsRawFd as _;

    // Opens the file by its descriptor, because its name may lead to another file by now.
    let path = format!("/proc/self/fd/{}", file.as_raw_fd());
    // SAFETY: as for bytes, and the `Cache` promises that those of a file stay as they are. What stands
    // behind the code is no part of it: its own header says where each of its sections is.
    let component = unsafe { Component::deserialize_file(engine, path) };
    component.map_err(one_line)
}

#[cfg(not(target_os = "linux"))]
fn mapped(_: &wasmtime::Engine, _: &File) -> Result<Component, String> {
    Err("only Linux has a name for an open file".to_owned())
}

impl Code {
    fn into_bytes(self) -> io::Result<Vec<u8>> {
        match self {
            Self::Bytes(bytes) => Ok(bytes),
            Self::File { file, length } => read(&file, length),
        }
    }
}

fn read(mut file: &File, length: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or_default());
    file.rewind()?;
    file.take(length).read_to_end(&mut bytes)?;
    Ok(bytes)
}
