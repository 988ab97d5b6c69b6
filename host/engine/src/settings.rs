//! How wasmtime is set up, and why.

use wasmtime::{
    Config, Enabled, InstanceAllocationStrategy, OptLevel, PoolingAllocationConfig,
    RegallocAlgorithm,
};

use crate::EngineConfig;

/// An encoded component is one module of the policy's and two small ones of the encoder's; one that
/// was linked from several languages' parts has more.
const CORE_INSTANCES_PER_COMPONENT: u32 = 16;
/// The second is for a component that brings its own adapter.
const MEMORIES_PER_COMPONENT: u32 = 2;
/// A module's own table and the encoder's, twice.
const TABLES_PER_COMPONENT: u32 = 4;
/// What interpreters compiled to WebAssembly need for their function pointers.
pub(crate) const TABLE_ELEMENTS: usize = 20_000;
/// How much of an instance's memory stays mapped for the next one that gets its slot.
const KEEP_RESIDENT: usize = 2 << 20;
/// All of a table: a pointer for each of its elements. Few are in use, and to zero those costs less than
/// to give their pages back, which interrupts every core that runs a thread of this process.
const TABLE_BYTES: usize = TABLE_ELEMENTS * size_of::<usize>();

/// What `max_wasm_stack` is where exchanges are served, in bytes.
const STACK: usize = 512 << 10;

/// What code is made for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Purpose {
    /// To serve exchanges.
    Serving,
    /// To try a policy's load hooks.
    Trial,
}

/// For what serves exchanges.
pub(crate) fn serving(config: &EngineConfig) -> Config {
    let mut wasmtime = base();
    // Enough for deep recursion in a parser, and well below the stack of the fiber it runs on.
    wasmtime.max_wasm_stack(STACK);
    wasmtime.allocation_strategy(InstanceAllocationStrategy::Pooling(pool(config)));
    wasmtime
}

/// For what runs once, at load: compiled fast rather than well. Fuel is counted before code is made of
/// it, and so is the same.
pub(crate) fn trial() -> Config {
    let mut wasmtime = base();
    wasmtime
        .cranelift_opt_level(OptLevel::None)
        .cranelift_regalloc_algorithm(RegallocAlgorithm::SinglePass);
    // Frames are larger where registers are not used well.
    wasmtime.max_wasm_stack(2 * STACK);
    wasmtime
}

fn base() -> Config {
    let mut wasmtime = Config::new();
    // Fuel is the CPU budget of a call: the same policy on the same block costs the same everywhere.
    wasmtime.consume_fuel(true);
    // Epochs make a running policy give way, so that it can't keep a thread of the runtime to itself.
    wasmtime.epoch_interruption(true);
    // No policy is called while a call of it is running; without the book-keeping for that a call
    // costs a quarter.
    wasmtime.concurrency_support(false);
    // A verdict must not depend on the bits of the CPU's NaN.
    wasmtime.cranelift_nan_canonicalization(true);
    // An instance's memory starts as a mapping of its image, and copies only the pages it writes.
    wasmtime.memory_init_cow(true);
    // Both are for debuggers: a trap names its function without them.
    wasmtime
        .generate_address_map(false)
        .native_unwind_info(false);
    switch_off_features(&mut wasmtime);
    wasmtime
}

/// What no policy needs is not there to be attacked.
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
    // On, because an adapter linked into a component may bring a memory of its own.
    wasmtime.wasm_multi_memory(true);
}

fn pool(config: &EngineConfig) -> PoolingAllocationConfig {
    let mut pool = PoolingAllocationConfig::new();
    // One exchange's instance is one component instance and one stack; the semaphore in front of the
    // pool counts those, and the rest is sized so that it can't run out first.
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

/// Resetting a used memory in place saves page faults, but only where the kernel can say which pages
/// were written (Linux 6.7): without that, all that is kept would be copied back.
///
/// Not where there is swap: a written page that was swapped out is overlooked, and the next exchange
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
