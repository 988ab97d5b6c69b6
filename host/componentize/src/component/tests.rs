//! Checks modules that look like a compiler's, made here.

use wit_component::{StringEncoding, dummy_module, embed_component_metadata};
use wit_parser::{LiftLowerAbi, ManglingAndAbi, Resolve};

use super::*;

/// The smallest contract that looks like the real one from the outside.
const POLICY: &str = r"
    package sluice:policy@0.1.0;
    interface request { model: func() -> string; }
    interface telemetry { log: func(level: string, message: string); }
    interface hooks { on-request: func(); }
    world policy { import request; import telemetry; export hooks; }
    world deaf { import request; }
";

/// A module like the compiler's for a policy in `world`, with its metadata embedded.
fn module(wit: &str, world: &str) -> Vec<u8> {
    let mut resolve = Resolve::default();
    let package = resolve
        .push_str("test.wit", wit)
        .expect("the test's WIT parses");
    let world = resolve
        .select_world(&[package], Some(world))
        .expect("the test's world is there");
    let mut module = dummy_module(&resolve, world, ManglingAndAbi::Legacy(LiftLowerAbi::Sync));
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8, true)
        .expect("the metadata fits");
    module
}

fn refusal(module: &[u8]) -> String {
    encode(module).expect_err("it is no policy").to_string()
}

#[test]
fn a_policy_becomes_a_component_that_shows_its_hooks() {
    let component = encode(&module(POLICY, "policy")).unwrap();
    let outside = Outside::read(&component).unwrap();
    assert_eq!(outside.exports, ["sluice:policy/hooks@0.1.0"]);
    assert_eq!(outside.imports.len(), 2);
}

#[test]
fn the_same_module_gives_the_same_bytes() {
    let module = module(POLICY, "policy");
    assert_eq!(encode(&module).unwrap(), encode(&module).unwrap());
}

#[test]
fn a_component_without_hooks_is_refused() {
    let message = refusal(&module(POLICY, "deaf"));
    assert!(
        message.starts_with("does not export `sluice:policy/hooks`"),
        "{message}"
    );
}

#[test]
fn an_import_of_another_package_is_named() {
    let wit = "
        package acme:x@1.0.0;
        interface disk { read: func(path: string) -> string; }
        world policy { import disk; }
    ";
    let message = refusal(&module(wit, "policy"));
    assert!(
        message.contains("imports `acme:x/disk@1.0.0 read`"),
        "{message}"
    );
}

#[test]
fn what_is_meant_for_another_host_shows_its_own_world() {
    let wit = "
        package acme:gateway;
        interface middleware { on-request: func(); }
        world plugin { export middleware; }
    ";
    let module = module(wit, "plugin");
    assert!(encode(&module).is_err());
    let outside = Outside::read(&encode_foreign(&module).unwrap()).unwrap();
    assert_eq!(outside.exports, ["acme:gateway/middleware"]);
    assert_eq!(outside.imports, [""; 0]);
}

#[test]
fn a_wasi_import_is_named_and_explained() {
    let message = refusal(&importing("wasi_snapshot_preview1", "fd_write"));
    assert!(
        message.contains("imports `wasi_snapshot_preview1 fd_write`"),
        "{message}"
    );
    assert!(message.contains("built for WASI"), "{message}");
}

#[test]
fn an_undefined_function_is_named() {
    let message = refusal(&importing("env", "sqrtq"));
    assert!(message.contains("imports `env sqrtq`"), "{message}");
}

#[test]
fn what_is_not_wasm_is_refused_in_one_line() {
    let message = refusal(b"#!/bin/sh\nexit 1\n");
    assert!(
        message.starts_with("is not a WebAssembly module"),
        "{message}"
    );
    assert!(!message.contains('\n'), "{message}");
}

/// A module with one import and nothing else.
fn importing(module: &str, name: &str) -> Vec<u8> {
    let mut import = vec![1];
    for word in [module, name] {
        import.push(word.len() as u8);
        import.extend(word.as_bytes());
    }
    import.extend([0, 0]);
    let mut bytes = b"\0asm\x01\0\0\0\x01\x04\x01\x60\0\0\x02".to_vec();
    bytes.push(import.len() as u8);
    bytes.extend(import);
    bytes
}
