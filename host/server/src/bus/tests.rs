//! A bus within small bounds, listeners of all kinds of speed, and time that the test lets pass.

use std::time::Duration;

use proptest::prelude::*;
use sluice_api::{GapCause, Happening, LiveEvent, PoliciesLoaded};
use tokio_util::sync::CancellationToken;

use super::*;

fn numbered(generation: u64) -> Happening {
    Happening::PoliciesLoaded(PoliciesLoaded {
        generation,
        policies: 0,
    })
}

fn number(event: &LiveEvent) -> u64 {
    match event.what {
        Happening::PoliciesLoaded(loaded) => loaded.generation,
        ref other => panic!("it is {other:?}"),
    }
}

/// A bus whose events are numbered, and kept, whenever the test waits.
#[expect(clippy::disallowed_methods, reason = "it ends with the test's runtime")]
fn running(bounds: Bounds) -> Bus {
    let (bus, running) = Bus::new(bounds);
    tokio::spawn(running.run(CancellationToken::new()));
    bus
}

/// Waits until the bus has nothing to do.
async fn idle(bus: &Bus) {
    let shared = bus.0.as_ref().unwrap();
    while shared.queue.capacity() < shared.queue.max_capacity() {
        tokio::task::yield_now().await;
    }
    tokio::task::yield_now().await;
}

async fn events(listener: &mut Listener) -> Vec<u64> {
    match listener.next().await {
        Heard::Events(entries) => entries.iter().map(|entry| number(&entry.event)).collect(),
        other => panic!("it heard {other:?}"),
    }
}

/// Hears what is there without waiting for more.
async fn now(listener: &mut Listener) -> Option<Heard> {
    tokio::time::timeout(Duration::ZERO, listener.next())
        .await
        .ok()
}

fn seen(entry: &Entry, from: Option<ProcessId>) -> Option<LastSeen> {
    Some(LastSeen {
        event: entry.id,
        from,
    })
}

#[tokio::test(start_paused = true)]
async fn a_listener_hears_what_it_wants_in_order_and_only_from_then_on() {
    let bus = running(Bounds::default());
    bus.tell(numbered(0));
    idle(&bus).await;
    assert!(!bus.is_followed());
    let mut all = bus.listen(None, |_| true).unwrap();
    let mut even = bus
        .listen(None, |event| number(event).is_multiple_of(2))
        .unwrap();
    assert!(bus.is_followed());
    for number in 1..=200 {
        bus.tell(numbered(number));
    }
    let mut heard = Vec::new();
    while heard.len() < 200 {
        heard.extend(events(&mut all).await);
    }
    assert_eq!(heard, (1..=200).collect::<Vec<_>>());
    heard.clear();
    while heard.len() < 100 {
        heard.extend(events(&mut even).await);
    }
    assert!(
        heard
            .iter()
            .eq((2..=200).step_by(2).collect::<Vec<_>>().iter())
    );
    bus.tell(numbered(201));
    assert_eq!(events(&mut all).await, [201]);
    assert!(now(&mut even).await.is_none());
    assert_eq!(
        even.position(),
        all.position(),
        "it has seen what it did not want"
    );
}

#[tokio::test(start_paused = true)]
async fn a_full_queue_leaves_events_out_and_says_how_many() {
    let bounds = Bounds {
        queue: 4,
        ..Bounds::default()
    };
    let bus = running(bounds);
    let mut listener = bus.listen(None, |_| true).unwrap();
    // Nothing is taken from the queue before the test waits.
    for number in 0..10 {
        bus.tell(numbered(number));
    }
    let Heard::Events(entries) = listener.next().await else {
        panic!("it hears of the gap");
    };
    let Happening::Gap(gap) = &entries[0].event.what else {
        panic!("it is told first");
    };
    assert_eq!((gap.because, gap.missed), (GapCause::Overload, Some(6)));
    assert_eq!(
        gap.process,
        bus.process().map(|process| process.to_string())
    );
    assert_eq!(entries.len(), 5);
    let counts = bus.counts();
    assert_eq!((counts.told, counts.left_out), (5, 6));
    bus.tell(numbered(10));
    assert_eq!(events(&mut listener).await, [10], "it is told once");
}

#[tokio::test(start_paused = true)]
async fn a_slow_listener_is_dropped_and_goes_on_behind_what_it_missed() {
    let bounds = Bounds {
        kept: 8,
        ..Bounds::default()
    };
    let bus = running(bounds);
    let mut slow = bus.listen(None, |_| true).unwrap();
    bus.tell(numbered(0));
    assert_eq!(events(&mut slow).await, [0]);
    for number in 1..=9 {
        bus.tell(numbered(number));
    }
    idle(&bus).await;
    assert!(matches!(slow.next().await, Heard::Missed(9)));
    assert!(matches!(slow.next().await, Heard::Closed));
    assert_eq!(bus.counts().dropped, 1);
    bus.tell(numbered(10));
    idle(&bus).await;
    let mut again = bus.listen(Some(slow.position()), |_| true).unwrap();
    assert_eq!(events(&mut again).await, [10]);
}

#[tokio::test(start_paused = true)]
async fn a_listener_goes_on_behind_what_it_saw() {
    let bus = running(Bounds::default());
    let mut first = bus.listen(None, |_| true).unwrap();
    let start = first.position();
    for number in 0..5 {
        bus.tell(numbered(number));
    }
    let Heard::Events(entries) = first.next().await else {
        panic!("it hears them");
    };
    let again = |from| bus.listen(seen(&entries[2], from), |_| true).unwrap();
    assert_eq!(events(&mut again(bus.process())).await, [3, 4]);
    // One that heard of it elsewhere hears again of what may have come in another order there.
    assert_eq!(events(&mut again(None)).await, [0, 1, 2, 3, 4]);
    let mut from_start = bus.listen(Some(start), |_| true).unwrap();
    assert_eq!(events(&mut from_start).await, [0, 1, 2, 3, 4]);
    let (other, _running) = Bus::new(Bounds::default());
    let unknown = [
        seen(&entries[2], other.process()),
        "000000000000-7@000000000000".parse().ok(),
    ];
    let mut stranger = other.listen(unknown[0], |_| true).unwrap();
    assert!(matches!(stranger.next().await, Heard::UnknownId));
    let mut lost = bus.listen(unknown[1], |_| true).unwrap();
    assert!(matches!(lost.next().await, Heard::UnknownId));
    assert_eq!(events(&mut lost).await, [0, 1, 2, 3, 4]);
}

#[tokio::test(start_paused = true)]
async fn what_was_told_long_before_is_not_told_again_to_one_from_elsewhere() {
    let (bus, mut running) = Bus::new(Bounds::default());
    let mut listener = bus.listen(None, |_| true).unwrap();
    let mut entries = Vec::new();
    for number in 0..3 {
        bus.tell(numbered(number));
        running.turn().await;
        let Heard::Events(heard) = listener.next().await else {
            panic!("it hears it");
        };
        entries.extend(heard);
    }
    let mut old = Entry::clone(&entries[0]);
    let long_before = kept::SKEW + Duration::from_secs(1);
    old.arrived = old.arrived.checked_sub(long_before).unwrap();
    bus.0.as_ref().unwrap().kept().replace_first(old);
    let mut again = bus.listen(seen(&entries[1], None), |_| true).unwrap();
    assert_eq!(events(&mut again).await, [1, 2]);
}

#[tokio::test(start_paused = true)]
async fn there_are_no_more_listeners_than_may_be() {
    let bounds = Bounds {
        listeners: 2,
        ..Bounds::default()
    };
    let bus = running(bounds);
    let first = bus.listen(None, |_| true);
    let second = bus.listen(None, |_| true);
    let third = bus.listen(None, |_| true);
    assert!(first.is_ok() && second.is_ok());
    assert_eq!(third.err(), Some(Full { limit: 2 }));
    assert!(bus.outlet().is_some(), "it takes no place");
    assert_eq!((bus.counts().listeners, bus.counts().refused), (2, 1));
    drop(first);
    assert!(bus.listen(None, |_| true).is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_closed_bus_ends_its_listeners_after_what_was_told() {
    let bus = running(Bounds::default());
    let mut listener = bus.listen(None, |_| true).unwrap();
    bus.tell(numbered(1));
    idle(&bus).await;
    bus.close();
    assert_eq!(events(&mut listener).await, [1]);
    assert!(matches!(listener.next().await, Heard::Closed));
    let nobody = Bus::default();
    nobody.tell(numbered(1));
    nobody.settled().await;
    assert_eq!(nobody.counts(), Counts::default());
    assert!(nobody.listen(None, |_| true).is_err() && nobody.outlet().is_none());
}

#[tokio::test(start_paused = true)]
async fn the_outlet_hears_of_this_process_alone_and_is_never_dropped() {
    let bounds = Bounds {
        kept: 4,
        ..Bounds::default()
    };
    let bus = running(bounds);
    let mut outlet = bus.outlet().unwrap();
    let elsewhere = LiveEvent {
        id: "0123456789ab-4".to_owned(),
        at_ms: 0,
        what: numbered(100),
    };
    let mut listener = bus.listen(None, |_| true).unwrap();
    bus.pass_on(elsewhere).await;
    assert_eq!(events(&mut listener).await, [100]);
    bus.tell(numbered(1));
    assert_eq!(events(&mut listener).await, [1]);
    assert_eq!(events(&mut outlet).await, [1]);
    for number in 2..10 {
        bus.tell(numbered(number));
    }
    idle(&bus).await;
    assert!(matches!(outlet.next().await, Heard::Missed(4)));
    assert_eq!(
        events(&mut outlet).await,
        [6, 7, 8, 9],
        "the newest are kept"
    );
}

/// What a test does with a bus.
#[derive(Clone, Debug)]
enum Step {
    Tell(u8),
    Hear,
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// A listener hears each event once and in order, or is told exactly how many it missed.
    #[test]
    fn nothing_is_lost_without_a_word(
        steps in proptest::collection::vec(
            prop_oneof![(0u8..40).prop_map(Step::Tell), Just(Step::Hear)], 1..40),
        kept in 1usize..64,
        kept_bytes in 1usize..40_000,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(async {
            let bus = running(Bounds { kept, kept_bytes, ..Bounds::default() });
            let mut listener = bus.listen(None, |_| true).unwrap();
            let (mut told, mut heard) = (0, 0);
            for step in steps {
                match step {
                    Step::Tell(count) => {
                        for _ in 0..count {
                            bus.tell(numbered(told));
                            told += 1;
                        }
                        idle(&bus).await;
                    }
                    Step::Hear => match now(&mut listener).await {
                        Some(Heard::Events(entries)) => {
                            for entry in entries {
                                assert_eq!(number(&entry.event), heard);
                                heard += 1;
                            }
                        }
                        Some(Heard::Missed(missed)) => {
                            heard += missed;
                            assert_eq!(heard, told, "it goes on with what is new");
                            listener = bus.listen(Some(listener.position()), |_| true).unwrap();
                        }
                        None => assert_eq!(heard, told, "it has heard all"),
                        other => panic!("it heard {other:?}"),
                    },
                }
                let entries = bus.0.as_ref().unwrap().kept();
                assert!(entries.end() - entries.first() <= kept as u64);
            }
        });
    }
}
