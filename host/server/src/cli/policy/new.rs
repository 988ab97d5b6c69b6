//! `sluice policy new`: writes the crate of a policy that works and that the author changes from there.
//!
//! The SDK is not on crates.io, so the author says where it comes from.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, bail};

const LIBRARY: &str = include_str!("template/lib.rs");
const TESTS: &str = include_str!("template/policy.rs");
/// The longest name, which is also the longest in a policy file.
const NAME_MAX: usize = 64;

/// Checks a name. It becomes the name of a package, of a component, and of a policy in the policy file.
pub(super) fn name(text: &str) -> Result<String, String> {
    let legal = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-');
    let first = text
        .bytes()
        .next()
        .is_some_and(|byte| byte.is_ascii_lowercase());
    if !first || text.ends_with('-') || text.len() > NAME_MAX || !text.bytes().all(legal) {
        return Err(format!(
            "expected a letter and then up to {} of the lower-case letters a to z, digits and `-`",
            NAME_MAX - 1
        ));
    }
    Ok(text.to_owned())
}

/// Writes the crate into a new folder. Returns a text about what was written and what to do next.
pub(super) fn run(name: &str, sdk: &str) -> anyhow::Result<String> {
    let sdk = dependency(sdk)?;
    let folder = Path::new(name);
    fs::create_dir(folder).with_context(|| format!("make the folder {name}"))?;
    let mut answer = String::new();
    for (file, text) in files(name, &sdk) {
        let path = folder.join(file);
        let above = path.parent().unwrap_or(folder);
        fs::create_dir_all(above).with_context(|| format!("make {}", above.display()))?;
        fs::write(&path, text).with_context(|| format!("write {}", path.display()))?;
        writeln!(answer, "wrote {}", path.display())?;
    }
    writeln!(
        answer,
        "next: change {name}/src/lib.rs, then `cargo test` in {name} and `sluice policy build {name}`"
    )?;
    Ok(answer)
}

fn files(name: &str, sdk: &str) -> [(&'static str, String); 4] {
    [
        ("Cargo.toml", manifest(name, sdk)),
        (".gitignore", "/target\n".to_owned()),
        ("src/lib.rs", named(LIBRARY, name)),
        ("tests/policy.rs", named(TESTS, name)),
    ]
}

/// Returns a text of the template with the policy's name in it.
fn named(template: &str, name: &str) -> String {
    template
        .replace("NoTools", &camel_case(name))
        .replace("no_tools", &name.replace('-', "_"))
}

fn manifest(name: &str, sdk: &str) -> String {
    format!(
        r#"[package]
name = "{name}"
description = "Keeps the model from calling some tools."
version = "0.1.0"
edition = "2024"
publish = false

[lib]
crate-type = ["cdylib", "rlib"]

[dependencies]
sluice-policy-sdk = {sdk}

# The crate stands alone, whatever workspace its folder lies in.
[workspace]
"#
    )
}

/// Returns the entry of Cargo.toml that says where the SDK comes from.
fn dependency(sdk: &str) -> anyhow::Result<String> {
    let path = Path::new(sdk);
    let folders = [path.join("policy-sdk"), path.to_owned()];
    let folder = folders
        .iter()
        .find(|folder| folder.join("Cargo.toml").is_file());
    let (kind, place) = match folder {
        Some(folder) => ("path", absolute(folder)?),
        None if sdk.contains("://") => ("git", sdk.to_owned()),
        None => {
            bail!("--sdk: {sdk} is neither a checkout of Sluice nor the URL of a git repository")
        }
    };
    if place.contains(['"', '\\']) || place.contains(char::is_control) {
        bail!("--sdk: {place} holds a character that Cargo.toml can't name as it is");
    }
    Ok(format!("{{ {kind} = \"{place}\" }}"))
}

fn absolute(folder: &Path) -> anyhow::Result<String> {
    let absolute = folder.canonicalize().context("find the SDK")?;
    let text = absolute
        .to_str()
        .context("the path of the SDK is not UTF-8")?;
    Ok(text.to_owned())
}

/// Returns a name in upper camel case: `NoTools` for `no-tools`.
fn camel_case(name: &str) -> String {
    let words = name.split('-').map(|word| {
        let (first, rest) = word.split_at(word.len().min(1));
        first.to_uppercase() + rest
    });
    words.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_in_the_crate_follow_the_policys() {
        let [.., (_, library), (_, tests)] = files("only-reads-2", "{}");
        assert!(library.contains("export!(OnlyReads2)"), "{library}");
        assert!(tests.contains("use only_reads_2::OnlyReads2;"), "{tests}");
        assert!(!library.contains("NoTools") && !tests.contains("no_tools"));
    }

    #[test]
    fn a_name_fits_a_package_and_the_policy_file() {
        for good in ["a", "no-tools", "a1", &"a".repeat(64)] {
            assert!(name(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "1a",
            "-a",
            "a-",
            "A",
            "a_b",
            "a/b",
            "..",
            &"a".repeat(65),
        ] {
            assert!(name(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_sdk_comes_from_a_checkout_or_a_repository() {
        let checkout = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let sdk = dependency(checkout.to_str().unwrap()).unwrap();
        assert!(
            sdk.starts_with("{ path = \"/") && sdk.ends_with("/policy-sdk\" }"),
            "{sdk}"
        );
        assert_eq!(
            dependency("https://example.com/sluice.git").unwrap(),
            "{ git = \"https://example.com/sluice.git\" }"
        );
        assert!(dependency("nowhere").is_err());
        assert!(dependency("https://a\"b").is_err());
    }

    #[test]
    fn the_readme_shows_this_policy() {
        assert!(include_str!("../../../../../README.md").contains(LIBRARY));
    }
}
