//! The line that makes a policy the component of its crate.

/// Makes a [`Policy`](crate::Policy) the one that this crate's component exports.
///
/// The policy's name, version and summary are those of the crate, from `Cargo.toml`. In a native build the policy is
/// only checked and nothing is exported, so that a test can link several policies.
#[macro_export]
macro_rules! export {
    ($policy:ty) => {
        const _: () = {
            struct Component;

            ::std::thread_local! {
                static INSTANCE: $crate::guest::Instance<$policy> =
                    const { $crate::guest::Instance::empty() };
            }

            impl $crate::guest::Component for Component {
                type Policy = $policy;
                const IDENTITY: $crate::guest::Identity = $crate::guest::Identity {
                    name: ::core::env!("CARGO_PKG_NAME"),
                    version: ::core::env!("CARGO_PKG_VERSION"),
                    summary: ::core::env!("CARGO_PKG_DESCRIPTION"),
                };

                fn instance() -> &'static ::std::thread::LocalKey<$crate::guest::Instance<$policy>>
                {
                    &INSTANCE
                }
            }

            #[cfg(not(target_family = "wasm"))]
            const _: fn() = $crate::guest::check::<Component>;
            #[cfg(target_family = "wasm")]
            const _: () = {
        $crate::bindings::export_policy!(Component with_types_in $crate::bindings);
            };
        };
    };
}
