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
                joined, joined_recorded,
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
                fn a_reply_that_goes_on_with_another_is_one_legal_stream(
                    first in upstream::<D>(), second in upstream::<D>(), cut in joined::cut(),
                ) {
                    joined::one_stream::<D>(&first, &second, cut)?;
                }

                #[test]
                fn any_split_of_a_reply_that_goes_on_gives_the_same(
                    first in upstream::<D>(), second in upstream::<D>(), cut in joined::cut(), script in script(),
                ) {
                    joined::any_split::<D>(&first, &second, cut, &script)?;
                }

                #[test]
                fn invariant_9_no_ruling_makes_an_illegal_stream_of_a_reply_that_goes_on(
                    first in upstream::<D>(), second in upstream::<D>(), cut in joined::cut(), script in script(),
                ) {
                    joined::legal_stream::<D>(&first, &second, cut, &script)?;
                }

                #[test]
                fn a_whole_reply_that_goes_on_is_one_body_and_says_what_the_stream_does(
                    first in upstream::<D>(), second in upstream::<D>(), cut in joined::cut(), script in script(),
                ) {
                    joined::one_body::<D>(&first, &second, cut, &script)?;
                }

                #[test]
                fn invariant_10_a_reply_that_can_not_go_on_ends_with_an_error(
                    first in upstream::<D>(), second in upstream::<D>(), cut in joined::cut(), at: Index,
                ) {
                    joined::broken::<D>(&first, &second, cut, at)?;
                }

                #[test]
                fn invariant_14_what_was_judged_is_read_of_a_reply_that_goes_on(
                    first in upstream::<D>(), second in upstream::<D>(), cut in joined::cut(),
                    oddities in (oddities(), oddities()),
                ) {
                    joined::judged_is_read::<D>(&first, &second, cut, &oddities)?;
                }

                #[test]
                fn a_reply_goes_on_as_often_as_blocks_are_rejected(
                    upstreams in prop::collection::vec(upstream::<D>(), 2..5), cut in joined::cut(),
                    bytes in prop::collection::vec(any::<u8>(), 0..300), script in script(),
                ) {
                    joined::several::<D>(&upstreams, &bytes, cut, &script)?;
                }

                #[test]
                fn invariant_12_the_bounds_count_for_all_that_a_reply_goes_on_with(
                    first in upstream::<D>(), second in upstream::<D>(), cut in joined::cut(),
                ) {
                    joined::bounded::<D>(&first, &second, cut)?;
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
            fn a_reply_that_goes_on_tells_what_was_delivered() {
                joined_recorded::tells_what_was_delivered::<D>();
            }

            #[test]
            fn a_reply_that_goes_on_has_no_mark_in_the_middle() {
                joined_recorded::no_mark_in_the_middle::<D>();
            }

            #[test]
            fn invariant_12_the_blocks_of_all_that_a_reply_goes_on_with_are_bounded() {
                joined_recorded::items_are_bounded_together::<D>();
            }

            #[test]
            fn a_reply_of_which_too_much_went_out_does_not_go_on_with_another() {
                joined_recorded::too_much_went_out::<D>();
            }

            #[test]
            fn a_block_is_rejected_while_it_is_asked_about() {
                joined_recorded::not_asked::<D>();
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
