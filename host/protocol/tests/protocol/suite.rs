//! The tests of one dialect, each named by the property that it holds against it.

/// A module of all tests for a dialect.
macro_rules! properties {
    ($dialect:ident) => {
        mod properties {
            use proptest::{prelude::*, sample::Index};

            use super::$dialect as D;
            use crate::{
                alike,
                generate::{script, upstream, wants},
                hostile::{self, damage},
                oddities::{self, oddities},
                passing, properties, recorded,
            };

            proptest! {
                #![proptest_config(ProptestConfig::with_cases(1000))]

                #[test]
                fn what_the_generator_makes_is_legal(upstream in upstream::<D>()) {
                    properties::generated::<D>(&upstream)?;
                }

                #[test]
                fn policies_see_what_a_client_reads(upstream in upstream::<D>()) {
                    properties::same_as_client::<D>(&upstream)?;
                }

                #[test]
                fn invariant_1_what_no_policy_touched_leaves_as_it_came(
                    upstream in upstream::<D>(), wants in wants(), cuts: [Index; 3],
                ) {
                    properties::untouched::<D>(&upstream, wants, &cuts)?;
                }

                #[test]
                fn invariant_2_a_whole_reply_and_a_stream_give_the_same_blocks(
                    upstream in upstream::<D>(), wants in wants(),
                ) {
                    properties::same_blocks::<D>(&upstream, wants)?;
                }

                #[test]
                fn invariant_2_any_split_of_the_bytes_gives_the_same_steps(
                    upstream in upstream::<D>(), wants in wants(), script in script(), cuts: [Index; 5],
                ) {
                    properties::same_steps::<D>(&upstream, wants, &script, &cuts)?;
                }

                #[test]
                fn invariant_3_a_kind_that_no_policy_wants_whole_goes_out_at_once(
                    upstream in upstream::<D>(), wants in wants(),
                ) {
                    properties::at_once::<D>(&upstream, wants)?;
                }

                #[test]
                fn invariant_4_a_heartbeat_is_legal_wherever_there_is_one(
                    upstream in upstream::<D>(), wants in wants(), script in script(), cuts: [Index; 5],
                ) {
                    hostile::heartbeats::<D>(&upstream, wants, &script, &cuts)?;
                }

                #[test]
                fn invariant_8_nothing_of_a_tool_call_goes_out_before_its_verdict(
                    upstream in upstream::<D>(), wants in wants(), script in script(),
                ) {
                    properties::verdict_first::<D>(&upstream, wants, &script)?;
                }

                #[test]
                fn invariant_9_no_sequence_of_rulings_makes_an_illegal_stream(
                    upstream in upstream::<D>(), wants in wants(), script in script(),
                ) {
                    properties::legal_stream::<D>(&upstream, wants, &script)?;
                }

                #[test]
                fn the_bytes_that_end_a_stream_are_known_as_such_before_they_leave(
                    upstream in upstream::<D>(), wants in wants(), script in script(),
                ) {
                    properties::known_end::<D>(&upstream, wants, &script)?;
                }

                #[test]
                fn invariant_9_no_sequence_of_rulings_makes_an_illegal_whole_reply(
                    upstream in upstream::<D>(), wants in wants(), script in script(),
                ) {
                    properties::legal_whole::<D>(&upstream, wants, &script)?;
                }

                #[test]
                fn a_whole_reply_and_a_stream_deliver_the_same_content(
                    upstream in upstream::<D>(), wants in wants(), script in script(),
                ) {
                    properties::same_delivery::<D>(&upstream, wants, script)?;
                }

                #[test]
                fn invariant_10_a_stream_that_is_cut_ends_with_an_error(
                    upstream in upstream::<D>(), wants in wants(), script in script(), at: Index,
                ) {
                    properties::cut_short::<D>(&upstream, wants, &script, at)?;
                }

                #[test]
                fn invariant_11_bytes_of_any_kind_never_panic(
                    bytes in prop::collection::vec(any::<u8>(), 0..300), wants in wants(), script in script(),
                ) {
                    hostile::any_bytes::<D>(&bytes, wants, &script);
                }

                #[test]
                fn invariant_11_a_damaged_reply_never_panics_and_leaks_no_tool_call(
                    upstream in upstream::<D>(), wants in wants(), damage in damage(),
                ) {
                    hostile::damaged::<D>(&upstream, wants, &damage)?;
                }

                #[test]
                fn invariant_14_what_a_policy_judged_is_what_any_client_reads(
                    upstream in upstream::<D>(), wants in wants(), oddities in oddities(),
                ) {
                    oddities::judged_is_read::<D>(&upstream, wants, &oddities)?;
                }

                #[test]
                fn invariant_12_no_more_is_held_than_the_limit(
                    upstream in upstream::<D>(), wants in wants(), limit in 100..3000_usize,
                ) {
                    hostile::bounded::<D>(&upstream, wants, limit)?;
                }

                #[test]
                fn a_frame_like_the_one_before_need_not_be_read(
                    upstream in upstream::<D>(), wants in wants(), script in script(),
                    repeats in alike::repeats(), limits in alike::limits(), size in 1..400_usize,
                ) {
                    alike::reading::<D>(&upstream, wants, &script, &repeats, limits, size)?;
                }

                #[test]
                fn a_frame_like_the_one_before_in_a_recorded_stream_need_not_be_read(
                    stream: Index, wants in wants(), script in script(),
                    repeats in alike::repeats(), limits in alike::limits(), size in 1..400_usize,
                ) {
                    alike::reading_recorded::<D>(stream, wants, &script, &repeats, limits, size)?;
                }

                #[test]
                fn what_nobody_reads_passes_in_any_split_whatever_is_kept_of_a_frame(
                    upstream in upstream::<D>(), kept in 1..2000_usize, cuts: [Index; 5],
                ) {
                    passing::any_split::<D>(&upstream, kept, &cuts)?;
                }

                #[test]
                fn invariant_10_what_nobody_reads_is_cut_off_or_ends_with_an_error(
                    upstream in upstream::<D>(), kept in 1..2000_usize, at: Index,
                ) {
                    passing::cut_short::<D>(&upstream, kept, at)?;
                }

                #[test]
                fn a_damaged_request_never_panics(
                    at: Index, byte: u8, message in 0..4_u32, block in 0..3_u32,
                    pointer in "(/[a-z0-9~-]{0,8}){0,4}",
                ) {
                    hostile::damaged_request::<D>(at, byte, message, block, &pointer)?;
                }
            }

            #[test]
            fn invariant_1_a_kept_recorded_stream_is_byte_identical_for_all_that_can_be_wanted() {
                recorded::untouched::<D>();
            }

            #[test]
            fn invariant_1_a_body_that_is_no_reply_passes_as_it_is() {
                recorded::no_replies::<D>();
            }

            #[test]
            fn a_held_text_goes_out_before_an_error_as_far_as_it_came() {
                recorded::texts_before_an_error::<D>();
            }

            #[test]
            fn what_goes_out_before_an_error_is_judged_and_has_no_call_that_was_held() {
                recorded::judged_before_an_error::<D>();
            }

            #[test]
            fn a_stop_at_what_an_error_cuts_off_stands_in_the_place_of_the_error() {
                recorded::stopped_before_an_error::<D>();
            }

            #[test]
            fn invariant_2_any_split_of_a_recorded_stream_gives_the_same_steps() {
                recorded::same_steps::<D>();
            }

            #[test]
            fn invariant_2_a_recorded_stream_gives_the_blocks_of_the_body_that_a_client_makes_of_it() {
                recorded::same_blocks::<D>();
            }

            #[test]
            fn invariant_4_a_heartbeat_is_there_while_something_is_held() {
                hostile::heartbeat_while_held::<D>();
            }

            #[test]
            fn invariant_4_no_heartbeat_is_there_while_nothing_is_held() {
                hostile::no_heartbeat_while_nothing_is_held::<D>();
            }

            #[test]
            fn invariant_10_a_whole_reply_that_is_cut_is_an_error_if_anything_of_it_is_wanted() {
                hostile::cut_body::<D>();
            }

            #[test]
            fn invariant_10_a_recorded_stream_that_is_cut_ends_with_an_error() {
                recorded::cut_short::<D>();
            }

            #[test]
            fn invariant_12_what_is_held_is_bounded() {
                hostile::limits::<D>();
            }

            #[test]
            fn a_whole_reply_that_is_cut_fails_if_anything_of_it_is_wanted() {
                hostile::cut_whole::<D>();
            }

            #[test]
            fn a_stream_that_nobody_reads_passes_with_a_bounded_part_of_a_frame() {
                passing::large_frames::<D>();
            }

            #[test]
            fn a_whole_reply_that_nobody_reads_passes_whatever_its_size_and_contents() {
                passing::bodies::<D>();
            }

            #[test]
            fn invariant_10_nothing_follows_within_a_frame_that_nobody_reads() {
                passing::within_a_frame::<D>();
            }

            #[test]
            fn a_frame_that_may_have_been_the_end_counts_as_it_where_upstream_ends_well() {
                passing::unknown_end::<D>();
            }

            #[test]
            fn a_question_that_is_not_answered_ends_the_reply() {
                hostile::unanswered::<D>();
            }
        }
    };
}
pub(crate) use properties;
