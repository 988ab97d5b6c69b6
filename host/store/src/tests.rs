//! One suite that runs on both databases.

mod amending;
mod bodies;
mod encoding;
mod erasing;
mod finding;
mod fixture;
mod installation;
mod joining;
mod journal;
mod keys;
mod migrations;
mod place;
mod plans;
mod sample;
mod searching;
mod size;
mod spooling;
mod statements;
mod traces;
mod withheld;
mod writing;

/// Runs a test on both databases: `async fn name(place: Place)` becomes `name::sqlite` and `name::postgres`.
macro_rules! on_both {
    ($($name:ident),+ $(,)?) => {
        $(mod $name {
            #[tokio::test]
            async fn sqlite() {
                super::$name($crate::tests::place::Place::sqlite()).await;
            }

            #[tokio::test]
            async fn postgres() {
                super::$name($crate::tests::place::Place::postgres()).await;
            }
        })+
    };
}
use on_both;
