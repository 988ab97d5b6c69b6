//! [`sluice_fuzz_bodies::arguments`] for bytes that libFuzzer makes.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| sluice_fuzz_bodies::arguments(data));
