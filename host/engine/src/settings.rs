//! How wasmtime is configured, and why.

use wasmtime::{
    Config, Enabled, InstanceAllocationStrategy, OptLevel, PoolingAllocationConfig,
    RegallocAlgorithm,
};

use crate::EngineConfig;

/// How many core modules one component may have. An encoded policy is one module of its own and two
/// small ones of the encoder; a component linked from several languages has more.
const CORE_INSTANCES_PER_COMPONENT: u32 = 16;
/// How many memories one component may have. The second is for a component that brings its own
/// adapter.
const MEMORIES_PER_COMPONENT: u32 = 2;
/// How many tables one component may have: the module's own and the encoder's, twice.
const TABLES_PER_COMPONENT: u32 = 4;
/// How many elements a table may have. Interpreters compiled to WebAssembly need this many for
/// their function pointers.
pub(crate) const TABLE_ELEMENTS: usize = 20_000;
/// How much of an instance's memory stays mapped for the next instance in its slot.
const KEEP_RESIDENT: usize = 2 << 20;
/// How much of a table stays mapped: all of it, a pointer for each element. Few elements are used,
/// so zeroing them is cheaper than returning the pages, which interrupts every core that runs a
/// thread of this process.
const TABLE_BYTES: usize = TABLE_ELEMENTS * size_of::<usize>();

/// The value of `max_wasm_stack` for serving exchanges, in bytes.
const STACK: usize = 512 << 10;

/// What code is compiled for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Purpose {
    /// To serve exchanges.
    Serving,
    /// To try a policy's load hooks.
    Trial,
}

/// The settings for serving exchanges.
pub(crate) fn serving(config: &EngineConfig) -> Config {
    let mut wasmtime = base();
    // Deep enough for a recursive parser, and well below the stack of the fiber that it runs on.
    wasmtime.max_wasm_stack(STACK);
    wasmtime.allocation_strategy(InstanceAllocationStrategy::Pooling(pool(config)));
    wasmtime
}

/// The settings for code that runs once, at load: compiling is fast and the code slow. Fuel is
/// counted in the WebAssembly, so it is the same.
pub(crate) fn trial() -> Config {
    let mut wasmtime = base();
    wasmtime
        .cranelift_opt_level(OptLevel::None)
        .cranelift_regalloc_algorithm(RegallocAlgorithm::SinglePass);
    // Frames are larger, because this compiler uses registers less well.
    wasmtime.max_wasm_stack(2 * STACK);
    wasmtime
}

fn base() -> Config {
    let mut wasmtime = Config::new();
    // Fuel is the CPU budget of a call. It makes the same policy on the same block cost the same
    // everywhere.
    wasmtime.consume_fuel(true);
    // Epochs make a running policy give way, so that it can't keep one of the runtime's threads to
    // itself.
    wasmtime.epoch_interruption(true);
    // A policy is never called while a call of it is running. The book-keeping for that would add a
    // quarter to the cost of a call.
    wasmtime.concurrency_support(false);
    // A verdict must not depend on the bits of the CPU's NaN.
    wasmtime.cranelift_nan_canonicalization(true);
    // An instance's memory starts as a mapping of its image, and only pages that it writes are
    // copied.
    wasmtime.memory_init_cow(true);
    // Both are for debuggers. A trap names its function without them.
    wasmtime
        .generate_address_map(false)
        .native_unwind_info(false);
    switch_off_features(&mut wasmtime);
    wasmtime
}

/// Switches off what no policy needs, so that it can't be attacked.
fn switch_off_features(wasmtime: &mut Config) {
    wasmtime
        .wasm_threads(false)
        .shared_memory(false)
        .wasm_gc(false)
        .wasm_function_references(false)
        .gc_support(false)
        .wasm_exceptions(false)
        .wasm_memory64(false)
        .wasm_tail_call(false)
        .wasm_relaxed_simd(false)
        .wasm_stack_switching(false);
    // On, because an adapter that is linked into a component may bring its own memory.
    wasmtime.wasm_multi_memory(true);
}

fn pool(config: &EngineConfig) -> PoolingAllocationConfig {
    let mut pool = PoolingAllocationConfig::new();
    // An instance for one exchange is one component instance and one stack. The semaphore before
    // the pool counts those; everything else is sized so that it can't run out first.
    pool.total_component_instances(config.instances)
        .total_stacks(config.instances)
        .total_core_instances(
            config
                .instances
                .saturating_mul(CORE_INSTANCES_PER_COMPONENT),
        )
        .total_memories(config.instances.saturating_mul(MEMORIES_PER_COMPONENT))
        .total_tables(config.instances.saturating_mul(TABLES_PER_COMPONENT))
        .max_core_instances_per_component(CORE_INSTANCES_PER_COMPONENT)
        .max_memories_per_component(MEMORIES_PER_COMPONENT)
        .max_memories_per_module(MEMORIES_PER_COMPONENT)
        .max_tables_per_component(TABLES_PER_COMPONENT)
        .max_tables_per_module(TABLES_PER_COMPONENT)
        .table_elements(TABLE_ELEMENTS)
        .table_keep_resident(TABLE_BYTES)
        .max_memory_size(config.max_memory_bytes);
    keep_pages(&mut pool);
    pool
}

/// Keeps used memory mapped if that is both faster and safe.
///
/// It saves page faults only if the kernel can say which pages were written (Linux 6.7); otherwise
/// everything that is kept would be copied back. With swap it is off: wasmtime overlooks a written
/// page that was swapped out, and the next exchange would see it
/// (<https://github.com/bytecodealliance/wasmtime/pull/14357>).
/// would see it (<https://github.com/bytecodealliance/wasmtime/pull/14357>).
fn keep_pages(pool: &mut PoolingAllocationConfig) {
    if has_swap() {
        tracing::warn!("this machine has swap, so fresh policy instances are slower than need be");
        return;
    }
    if PoolingAllocationConfig::is_pagemap_scan_available() {
        pool.pagemap_scan(Enabled::Auto)
            .linear_memory_keep_resident(KEEP_RESIDENT);
    }
}

fn has_swap() -> bool {
    let swaps = std::fs::read_to_string("/proc/swaps").unwrap_or_default();
    // The first line is the heading.
    swaps.lines().count() > 1
}
