//! Chooses a toolchain on machines that might exist.

use super::*;

fn probe(name: &str) -> Probe {
    Probe {
        rustc: format!("/{name}/bin/rustc").into(),
        cargo: format!("/{name}/bin/cargo").into(),
        sysroot: format!("/{name}").into(),
        new_enough: true,
        target_installed: false,
        has_source: false,
        brings_linker: true,
    }
}

fn with_target(name: &str) -> Probe {
    Probe {
        target_installed: true,
        ..probe(name)
    }
}

fn with_source(name: &str) -> Probe {
    Probe {
        has_source: true,
        ..probe(name)
    }
}

/// A toolchain without a linker of its own, like Debian's.
fn distribution(name: &str) -> Probe {
    Probe {
        brings_linker: false,
        ..with_source(name)
    }
}

#[track_caller]
fn check(probes: &[Probe], rustc: &str, library: Library) {
    let toolchain = choose(probes, Some("/usr/bin/wasm-ld".into())).unwrap();
    assert_eq!(
        (toolchain.rustc.to_str(), toolchain.library),
        (Some(rustc), library)
    );
}

#[test]
fn the_active_toolchain_comes_first_where_it_has_the_target() {
    check(
        &[with_target("active"), with_source("other")],
        "/active/bin/rustc",
        Library::Installed,
    );
    let both = Probe {
        has_source: true,
        ..with_target("active")
    };
    check(&[both], "/active/bin/rustc", Library::Installed);
}

#[test]
fn without_the_target_any_toolchain_with_source_will_do() {
    check(
        &[with_source("active")],
        "/active/bin/rustc",
        Library::FromSource,
    );
    check(
        &[probe("active"), distribution("debian")],
        "/debian/bin/rustc",
        Library::FromSource,
    );
    check(
        &[probe("active"), with_target("other")],
        "/other/bin/rustc",
        Library::Installed,
    );
}

#[test]
fn a_toolchain_that_is_too_old_is_passed_over() {
    let old = Probe {
        new_enough: false,
        ..with_target("active")
    };
    check(
        &[old, with_source("other")],
        "/other/bin/rustc",
        Library::FromSource,
    );
}

#[test]
fn a_linker_is_looked_for_only_where_the_toolchain_has_none() {
    let linker = || Some(PathBuf::from("/usr/bin/wasm-ld"));
    assert_eq!(choose(&[with_source("a")], linker()).unwrap().linker, None);
    assert_eq!(
        choose(&[distribution("a")], linker()).unwrap().linker,
        linker()
    );
    assert!(choose(&[distribution("a")], None).is_err());
}

#[test]
fn the_error_names_both_ways_and_what_was_looked_at() {
    let old = Probe {
        new_enough: false,
        ..with_source("old")
    };
    let message = choose(&[probe("active"), old, distribution("debian")], None)
        .unwrap_err()
        .to_string();
    for part in [
        "rustup target add wasm32-unknown-unknown",
        "apt-get install rustc-web cargo-web rust-web-src lld-22",
        "/active/bin/rustc has neither that target nor rust-src",
        "/old/bin/rustc is too old",
        "/debian/bin/rustc finds no wasm-ld",
    ] {
        assert!(message.contains(part), "{message}");
    }
    assert!(!message.contains('\n'));
    assert!(
        choose(&[], None)
            .unwrap_err()
            .to_string()
            .contains("found no rustc")
    );
}
