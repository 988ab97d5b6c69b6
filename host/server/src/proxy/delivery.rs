//! A reply on its way through the policies to the caller.
//!
//! The caller pulls: each pull drives the protocol's reply one step further, asks the policies where
//! it says so, and reads upstream only when it needs more. So a slow caller slows upstream, and
//! nothing is queued in between.

use std::convert::Infallible;
use std::future::{Future as _, poll_fn};
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::BoxError;
use bytes::{Bytes, BytesMut};
use futures_util::{Stream, StreamExt, stream};
use http_body_util::BodyExt as _;
use sluice_engine::Chain;
use sluice_protocol::{Reply, ReplyError, Step};
use tokio_util::sync::WaitForCancellationFutureOwned;

use super::asking::{self, Answer, Asking};
use super::exchange::Exchange;
use super::heartbeat::Heartbeat;
use super::{Error, State};
use crate::recorder::{Ending, OpenRecording};
use crate::upstream;

type Arrival = Result<Bytes, BoxError>;
type Upstream = Pin<Box<dyn Stream<Item = Arrival> + Send>>;

/// A reply under way. Dropping it cancels upstream and every running policy, and records the exchange
/// as aborted if it had not ended.
pub(super) struct Delivery {
    reply: Box<dyn Reply>,
    upstream: Upstream,
    policies: Policies,
    recording: OpenRecording,
    cut: Pin<Box<WaitForCancellationFutureOwned>>,
    heartbeat: Heartbeat,
    over: bool,
}

/// The chain is either here or in the question it is busy with.
enum Policies {
    Free(Box<Chain>),
    Busy(Asking),
    /// Between the two, and for good if a question was lost, which the driver never does.
    Away,
}

/// What ended a wait.
enum Woken {
    Answered(Box<Chain>, Answer),
    Arrived(Option<Arrival>),
    Beat,
    Cut,
}

impl Delivery {
    pub(super) fn new(
        state: &State,
        exchange: Exchange,
        reply: Box<dyn Reply>,
        upstream: upstream::Reply,
    ) -> Self {
        let config = &state.config;
        Self {
            reply,
            upstream: upstream.into_body().into_data_stream().boxed(),
            policies: Policies::Free(exchange.chain),
            recording: exchange.recording,
            cut: Box::pin(state.cut.clone().cancelled_owned()),
            heartbeat: Heartbeat::new(config.heartbeat),
            over: false,
        }
    }

    /// The first bytes for the caller; what fails before them is an HTTP error.
    pub(super) async fn first(&mut self) -> Result<Option<Bytes>, Error> {
        self.step().await.map_err(|error| self.give_up(error))
    }

    /// The rest, after the first bytes.
    pub(super) fn into_stream(
        self,
        first: Option<Bytes>,
    ) -> impl Stream<Item = Result<Bytes, Infallible>> + Send {
        let rest = stream::unfold(self, |mut delivery| async move {
            let bytes = delivery.pull().await?;
            Some((Ok(bytes), delivery))
        });
        stream::iter(first.map(Ok)).chain(rest)
    }

    /// The whole reply at once, for a caller who did not ask for a stream.
    pub(super) async fn collect(mut self, limit: usize) -> Result<Bytes, Error> {
        let mut whole = BytesMut::new();
        loop {
            match self.step().await {
                Ok(None) => return Ok(whole.freeze()),
                Ok(Some(bytes)) if whole.is_empty() && bytes.len() <= limit => {
                    whole = BytesMut::from(bytes);
                }
                Ok(Some(bytes)) if whole.len() + bytes.len() <= limit => whole.extend(bytes),
                Ok(Some(_)) => {
                    return Err(self.give_up(ReplyError::HeldTooLarge { limit }));
                }
                Err(error) => return Err(self.give_up(error)),
            }
        }
    }

    /// The next bytes of a stream that has begun: a failure becomes its legal ending.
    async fn pull(&mut self) -> Option<Bytes> {
        match self.step().await {
            Ok(bytes) => bytes,
            Err(error) => {
                let ending = self.reply.fail(&error);
                self.give_up(error);
                (!ending.is_empty()).then_some(ending)
            }
        }
    }

    fn give_up(&mut self, error: ReplyError) -> Error {
        self.over = true;
        self.recording.close(Ending::Failed(error.to_string()));
        Error::Reply(error)
    }

    /// Drives the reply until it has bytes for the caller or is over.
    async fn step(&mut self) -> Result<Option<Bytes>, ReplyError> {
        while !self.over {
            if let Policies::Busy(_) = self.policies {
                if let Some(bytes) = self.wait().await? {
                    return Ok(Some(bytes));
                }
                continue;
            }
            match self.reply.next() {
                Step::Send(bytes) => {
                    self.heartbeat.sent();
                    return Ok(Some(bytes));
                }
                Step::More => {
                    if let Some(bytes) = self.wait().await? {
                        return Ok(Some(bytes));
                    }
                }
                Step::Judge(block) => self.ask(|chain| asking::block(chain, block)),
                Step::Observe(block) => self.ask(|chain| asking::observe(chain, block)),
                Step::Piece { text, last } => self.ask(|chain| asking::piece(chain, text, last)),
                Step::End { stop_reason } => self.ask(|chain| asking::end(chain, stop_reason)),
                Step::Fail(error) => return Err(error),
                Step::Done => self.finish(),
            }
        }
        Ok(None)
    }

    fn finish(&mut self) {
        self.over = true;
        self.recording.close(Ending::Delivered);
    }

    fn ask(&mut self, question: impl FnOnce(Box<Chain>) -> Asking) {
        if let Policies::Free(chain) = std::mem::replace(&mut self.policies, Policies::Away) {
            self.policies = Policies::Busy(question(chain));
        }
    }

    /// Waits for the policies if they are busy, else for upstream, whose silence is bounded there. Answers a heartbeat if one is due.
    async fn wait(&mut self) -> Result<Option<Bytes>, ReplyError> {
        match self.woken().await {
            Woken::Answered(chain, answer) => self.take(chain, answer),
            Woken::Arrived(Some(Ok(bytes))) => self.reply.push(bytes),
            Woken::Arrived(Some(Err(error))) => match upstream::silence(&*error) {
                Some(limit) => {
                    let seconds = limit.as_secs();
                    return Err(ReplyError::Silent { seconds });
                }
                // A connection that breaks is an end like any other: what is missing decides.
                None => self.reply.end(),
            },
            Woken::Arrived(None) => self.reply.end(),
            Woken::Beat => {
                self.heartbeat.sent();
                return Ok(self.reply.heartbeat());
            }
            Woken::Cut => return Err(ReplyError::Other("Sluice is shutting down".to_owned())),
        }
        Ok(None)
    }

    async fn woken(&mut self) -> Woken {
        poll_fn(|context| self.poll_woken(context)).await
    }

    fn poll_woken(&mut self, context: &mut Context<'_>) -> Poll<Woken> {
        if let Policies::Busy(question) = &mut self.policies {
            if let Poll::Ready((chain, answer)) = question.as_mut().poll(context) {
                return Poll::Ready(Woken::Answered(chain, answer));
            }
        } else if let Poll::Ready(arrived) = self.upstream.as_mut().poll_next(context) {
            return Poll::Ready(Woken::Arrived(arrived));
        }
        if self.heartbeat.poll(context).is_ready() {
            return Poll::Ready(Woken::Beat);
        }
        self.cut.as_mut().poll(context).map(|()| Woken::Cut)
    }

    fn take(&mut self, mut chain: Box<Chain>, answer: Answer) {
        self.recording.note(chain.take_events());
        self.policies = Policies::Free(chain);
        match answer {
            Answer::Block(ruling) => self.reply.rule(ruling),
            Answer::Piece(ruling) => self.reply.rule_piece(ruling),
            Answer::End(added) => self.reply.finish(added),
            Answer::Observed => {}
        }
    }
}
