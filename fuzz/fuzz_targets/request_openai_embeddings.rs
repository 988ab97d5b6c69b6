//! [`sluice_fuzz_bodies::request_openai_embeddings`] for bytes that libFuzzer makes.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| sluice_fuzz_bodies::request_openai_embeddings(data));
