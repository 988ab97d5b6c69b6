//! Encodes a core module as a component and checks that it is a policy.
//!
//! The engine decides what a policy is *granted*. This module checks only the shape: every import
//! is in `sluice:policy`, and the hooks are exported.

use wasmparser::{BinaryReaderError, Parser, Payload};
use wit_component::ComponentEncoder;

/// The beginning of every import's name.
const PACKAGE: &str = "sluice:policy/";
/// The name of every policy's export.
const HOOKS: &str = "sluice:policy/hooks";

/// Why a module does not make a policy. The text continues a sentence that begins with the policy's
/// name.
#[derive(Debug, thiserror::Error)]
pub enum EncodeError {
    /// It imports something that no host of policies offers.
    #[error("imports `{import}`, but a policy may import only `{PACKAGE}*`{hint}")]
    Import {
        /// The import, as the binary names it.
        import: String,
        /// Where the import usually comes from: empty, or a clause that begins with a colon.
        hint: &'static str,
    },
    /// It lacks the export that every policy has.
    #[error("does not export `{HOOKS}`: is there an `export!` of the policy in its crate?")]
    NoHooks,
    /// The encoder refused it.
    #[error("cannot be encoded as a component: {0}")]
    Encode(String),
    /// It is not WebAssembly.
    #[error("is not a WebAssembly module: {0}")]
    Malformed(String),
}

impl From<BinaryReaderError> for EncodeError {
    fn from(error: BinaryReaderError) -> Self {
        Self::Malformed(one_line(&error.to_string()))
    }
}

/// Encodes a core module as the compiler leaves it, and checks the component.
pub fn encode(module: &[u8]) -> Result<Vec<u8>, EncodeError> {
    // Checked first, because the encoder's own error for a foreign import would not name the
    // policy's mistake.
    for (module, name) in module_imports(module)? {
        check_import(&module, Some(&name))?;
    }
    let component = encode_foreign(module)?;
    check(&component)?;
    Ok(component)
}

/// Encodes a core module of any world. It only checks that the component is valid, because a host
/// other than Sluice decides what it accepts.
pub fn encode_foreign(module: &[u8]) -> Result<Vec<u8>, EncodeError> {
    ComponentEncoder::default()
        .module(module)
        .and_then(|encoder| encoder.validate(true).encode())
        .map_err(|error| EncodeError::Encode(one_line(&format!("{error:#}"))))
}

fn check(component: &[u8]) -> Result<(), EncodeError> {
    let outside = Outside::read(component)?;
    for import in &outside.imports {
        check_import(import, None)?;
    }
    if !outside
        .exports
        .iter()
        .any(|name| unversioned(name) == HOOKS)
    {
        return Err(EncodeError::NoHooks);
    }
    Ok(())
}

fn check_import(module: &str, name: Option<&str>) -> Result<(), EncodeError> {
    // In a core module `cm32p2|` may stand before a name of a component, and `[export]` before the
    // intrinsics of its own exports.
    let interface = module.strip_prefix("cm32p2|").unwrap_or(module);
    let interface = interface.strip_prefix("[export]").unwrap_or(interface);
    if interface.starts_with(PACKAGE) {
        return Ok(());
    }
    Err(EncodeError::Import {
        import: name.map_or_else(|| module.to_owned(), |name| format!("{module} {name}")),
        hint: hint(interface),
    })
}

fn hint(module: &str) -> &'static str {
    if module.starts_with("wasi") {
        ": it was built for WASI, or a dependency assumes it"
    } else if module.starts_with("__wbindgen") {
        ": a dependency was built for browsers, look for a feature like `js` or `wasmbind`"
    } else if module == "env" {
        ": a function that is declared but defined nowhere"
    } else {
        ""
    }
}

/// The module and the name of everything that a core module imports.
fn module_imports(module: &[u8]) -> Result<Vec<(String, String)>, BinaryReaderError> {
    let mut found = Vec::new();
    for payload in Parser::new(0).parse_all(module) {
        if let Payload::ImportSection(section) = payload? {
            for import in section.into_imports() {
                let import = import?;
                found.push((import.module.to_owned(), import.name.to_owned()));
            }
        }
    }
    Ok(found)
}

/// The imports and exports that a component shows to its host. The modules and components inside it
/// do not count.
#[derive(Default)]
struct Outside {
    imports: Vec<String>,
    exports: Vec<String>,
}

impl Outside {
    fn read(component: &[u8]) -> Result<Self, BinaryReaderError> {
        let mut outside = Self::default();
        let mut depth = 0_usize;
        for payload in Parser::new(0).parse_all(component) {
            match payload? {
                Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
                Payload::End(_) => depth = depth.saturating_sub(1),
                Payload::ComponentImportSection(section) if depth == 0 => {
                    for import in section {
                        outside.imports.push(import?.name.name.to_owned());
                    }
                }
                Payload::ComponentExportSection(section) if depth == 0 => {
                    for export in section {
                        outside.exports.push(export?.name.name.to_owned());
                    }
                }
                _ => {}
            }
        }
        Ok(outside)
    }
}

fn unversioned(name: &str) -> &str {
    name.split_once('@').map_or(name, |(name, _)| name)
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests;
