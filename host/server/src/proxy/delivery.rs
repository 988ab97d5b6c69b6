//! A reply on its way through the policies to the caller, or past them if none wants anything of it.
//!
//! The caller pulls. Each pull drives the protocol's reply one step further, asks the policies if the step says so,
//! and reads from upstream only if the reply needs more. So a slow caller slows upstream, and nothing is queued in
//! between.

use std::future::{Future as _, poll_fn};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use axum::BoxError;
use bytes::{Bytes, BytesMut};
use futures_util::{Stream, StreamExt as _, stream};
use sluice_engine::Chain;
use sluice_protocol::{Block, Reply, ReplyError, Step, Wants};
use tokio_util::sync::WaitForCancellationFutureOwned;

use super::exchange::Exchange;
use super::heartbeat::Heartbeat;
use super::offload::{Offload, SMALL, Turn};
use super::policy_call::{self, Answer, PolicyCall};
use super::reading::Reading;
use super::{Error, State};
use crate::recorder::{Ending, OpenRecording, SHUTTING_DOWN, Unrecorded};
use crate::upstream;

/// How long upstream has to close a reply behind its end, where the end waits to be stored.
const BEHIND_END: Duration = Duration::from_millis(250);
/// About how much it may say there.
const MOST_BEHIND_END: usize = 64 << 10;

/// Bytes of upstream, or why no more come.
pub(super) type Arrival = Result<Bytes, BoxError>;
/// The body of upstream's reply.
pub(super) type Upstream = Pin<Box<dyn Stream<Item = Arrival> + Send>>;

/// A reply under way. Dropping it cancels upstream and every running policy. If it had not ended, the exchange is
/// recorded as aborted.
pub(super) struct Delivery {
    reply: Reading,
    upstream: Upstream,
    policies: Policies,
    recording: OpenRecording,
    cut: Pin<Box<WaitForCancellationFutureOwned>>,
    heartbeat: Heartbeat,
    /// Where large work is done. `None` if all of this reply is already processed there.
    offload: Option<Offload>,
    /// How many bytes of the request a policy may read when it is asked about a block.
    request_bytes: usize,
    /// The turn for the reader's next step, while it is waited for and once it is there.
    turn: Awaited,
    over: bool,
}

/// A turn for large work.
enum Awaited {
    No,
    Waiting(Pin<Box<dyn Future<Output = Turn> + Send>>),
    Here(Turn),
}

/// The chain of policies. It is either here or in the policy call that uses it, if it is needed at all.
enum Policies {
    Free(Box<Chain>),
    Busy(PolicyCall),
    /// It is moving between the two. It would stay so if a policy call were lost, which never happens here.
    Away,
    /// None wants anything of the reply. So their instances, and the request that they can look into, are dropped.
    Gone,
}

/// What ended a wait.
enum Woken {
    Answered(Box<Chain>, Answer),
    Turn(Turn),
    Arrived(Option<Arrival>),
    Heartbeat,
    Cut,
}

impl Delivery {
    pub(super) fn new(
        state: &State,
        exchange: Exchange,
        reply: Box<dyn Reply>,
        upstream: Upstream,
    ) -> Self {
        let config = &state.config;
        let request_bytes = exchange.request_bytes();
        let policies = match exchange.chain.wants() == Wants::NOTHING {
            true => Policies::Gone,
            false => Policies::Free(exchange.chain),
        };
        Self {
            reply: Reading::new(reply),
            upstream,
            request_bytes,
            policies,
            recording: exchange.recording,
            cut: Box::pin(state.cut.clone().cancelled_owned()),
            heartbeat: Heartbeat::new(config.heartbeat),
            offload: Some(state.offload.clone()),
            turn: Awaited::No,
            over: false,
        }
    }

    /// Whether the end of the reply waits until it is stored.
    pub(super) fn is_strict(&self) -> bool {
        self.recording.is_strict()
    }

    /// Returns the first bytes for the caller. A failure before them is an HTTP error.
    pub(super) async fn first(&mut self) -> Result<Option<Bytes>, Error> {
        match self.step().await {
            Ok(Some(bytes)) => Ok(Some(self.delivered(bytes).await?)),
            Ok(None) => Ok(None),
            Err(error) => Err(self.give_up(error)),
        }
    }

    /// Returns the stream of all bytes, the first ones included. An error in it closes the connection in the middle of
    /// the body, which tells the caller that the body is not whole.
    pub(super) fn into_stream(
        self,
        first: Option<Bytes>,
    ) -> impl Stream<Item = Result<Bytes, ReplyError>> + Send {
        let rest = stream::unfold(self, |mut delivery| async move {
            let pulled = delivery.pull().await?;
            Some((pulled, delivery))
        });
        stream::iter(first.map(Ok)).chain(rest)
    }

    /// Returns the whole reply at once, for a caller who did not ask for a stream. A large reply is read and judged
    /// in one turn.
    pub(super) async fn collect(mut self, limit: usize) -> Result<Bytes, Error> {
        let arrived = self.arrive(limit).await;
        arrived.map_err(|error| self.give_up(error))?;
        match self.offload.take() {
            Some(offload) if self.reply.is_large() => {
                let turn = offload.turn_of_reply().await;
                turn.run(self.judged(limit)).await
            }
            offload => {
                self.offload = offload;
                self.judged(limit).await
            }
        }
    }

    /// Reads all that upstream sends. Stops early if it is more than `limit` bytes.
    async fn arrive(&mut self, limit: usize) -> Result<(), ReplyError> {
        while !self.reply.is_whole() && self.reply.held() <= limit {
            self.wait().await?;
        }
        Ok(())
    }

    async fn judged(mut self, limit: usize) -> Result<Bytes, Error> {
        let mut whole = BytesMut::new();
        loop {
            match self.step().await {
                Ok(None) => return Ok(whole.freeze()),
                Ok(Some(bytes)) if whole.is_empty() && bytes.len() <= limit => {
                    whole = BytesMut::from(bytes);
                }
                Ok(Some(bytes)) if whole.len() + bytes.len() <= limit => whole.extend(bytes),
                Ok(Some(_)) => {
                    return Err(self.give_up(ReplyError::ReplyTooLarge { limit }));
                }
                Err(error) => return Err(self.give_up(error)),
            }
        }
    }

    /// Returns the next bytes of a reply that has begun. A failure becomes its legal ending, if one is legal where it
    /// stopped.
    async fn pull(&mut self) -> Option<Result<Bytes, ReplyError>> {
        let error = match self.step().await {
            Ok(Some(bytes)) => return Some(self.delivered(bytes).await.map_err(unrecorded)),
            Ok(None) => {
                let committed = self.recording.commit().await;
                return committed.err().map(|error| Err(unrecorded(error)));
            }
            // Its caller has all of it already.
            Err(_) if self.reply.has_ended() => {
                self.finish();
                return None;
            }
            Err(error) => error,
        };
        let ending = self.reply.fail(&error);
        if let Some(ending) = &ending {
            self.recording.delivered(ending);
        }
        self.give_up(error.clone());
        // The caller is told of an error whether that is recorded or not.
        let _ = self.recording.commit().await;
        match ending {
            Some(ending) => (!ending.is_empty()).then_some(Ok(ending)),
            None => Some(Err(error)),
        }
    }

    /// Records a piece for the caller. If the reply ends with it, and the operator wants every reply stored before its
    /// caller has it, the piece waits until it is, together with what follows at once. Nothing may follow later then.
    async fn delivered(&mut self, bytes: Bytes) -> Result<Bytes, Unrecorded> {
        self.recording.delivered(&bytes);
        if !self.reply.has_ended() {
            return Ok(bytes);
        }
        if !self.recording.is_strict() {
            // A caller that leaves now has all of it.
            self.recording.set_through();
            return Ok(bytes);
        }
        let mut last = BytesMut::from(bytes);
        let rest = async {
            while last.len() < MOST_BEHIND_END
                && let Ok(Some(bytes)) = self.step().await
            {
                self.recording.delivered(&bytes);
                last.extend(bytes);
            }
        };
        // What upstream has to say behind the end is nothing that a caller waits for.
        let _ = tokio::time::timeout(BEHIND_END, rest).await;
        self.finish();
        self.recording.commit().await?;
        Ok(last.freeze())
    }

    fn give_up(&mut self, error: ReplyError) -> Error {
        self.over = true;
        self.recording.close(Ending::Failed(error.to_string()));
        Error::Reply(error)
    }

    /// Drives the reply until it has bytes for the caller or is over.
    async fn step(&mut self) -> Result<Option<Bytes>, ReplyError> {
        while !self.over {
            let step = match self.policies {
                Policies::Busy(_) => None,
                _ => self.next().await,
            };
            match step {
                Some(Step::Send(bytes)) => {
                    self.heartbeat.sent();
                    return Ok(Some(bytes));
                }
                None | Some(Step::More) => {
                    if let Some(bytes) = self.wait().await? {
                        return Ok(Some(bytes));
                    }
                }
                Some(Step::Judge(block)) => self.ask_about(block, policy_call::block),
                Some(Step::Observe(block)) => self.ask_about(block, policy_call::observe),
                Some(Step::Piece { text, last }) => {
                    self.ask(text.len(), |chain| policy_call::piece(chain, text, last));
                }
                Some(Step::End { stop_reason }) => {
                    self.ask(self.request_bytes, |chain| {
                        policy_call::end(chain, stop_reason)
                    });
                }
                Some(Step::Fail(error)) => return Err(error),
                Some(Step::Done) => self.finish(),
            }
        }
        Ok(None)
    }

    /// Returns the reader's next step. A large step needs a turn: returns `None` while it has to be waited for.
    async fn next(&mut self) -> Option<Step> {
        let Some(offload) = self.offload.as_ref().filter(|_| self.reply.is_large()) else {
            return Some(self.reply.next());
        };
        match std::mem::replace(&mut self.turn, Awaited::No) {
            Awaited::Here(turn) => Some(self.reply.next_in(turn).await),
            Awaited::Waiting(turn) => {
                self.turn = Awaited::Waiting(turn);
                None
            }
            Awaited::No => {
                let offload = offload.clone();
                let turn = async move { offload.turn_of_reply().await };
                self.turn = Awaited::Waiting(Box::pin(turn));
                None
            }
        }
    }

    fn finish(&mut self) {
        self.over = true;
        self.recording.close(Ending::Delivered);
    }

    fn ask_about(&mut self, block: Block, call: fn(Box<Chain>, Block) -> PolicyCall) {
        let bytes = block.size().max(self.request_bytes);
        self.ask(bytes, |chain| call(chain, block));
    }

    /// Starts a policy call. `bytes` is how much the policies may have to read for it.
    fn ask(&mut self, bytes: usize, call: impl FnOnce(Box<Chain>) -> PolicyCall) {
        if let Policies::Free(chain) = std::mem::replace(&mut self.policies, Policies::Away) {
            let call = call(chain);
            let large = self.offload.as_ref().filter(|_| bytes > SMALL);
            self.policies = Policies::Busy(match large {
                Some(offload) => policy_call::in_turn(offload.clone(), call),
                None => call,
            });
        }
    }

    /// Waits for the policies if they are busy, else for a turn if the next step needs one, else for upstream, whose
    /// idle timeout runs there. Returns a heartbeat if one is due.
    async fn wait(&mut self) -> Result<Option<Bytes>, ReplyError> {
        let holds = matches!(self.policies, Policies::Busy(_)) || self.reply.heartbeat().is_some();
        let since = holds.then(Instant::now);
        let woken = self.woken().await;
        if let Some(since) = since {
            self.recording.held(since.elapsed());
        }
        match woken {
            Woken::Answered(chain, answer) => self.take(chain, answer),
            Woken::Turn(turn) => self.turn = Awaited::Here(turn),
            Woken::Arrived(Some(Ok(bytes))) => {
                self.recording.arrived(&bytes);
                self.reply.push(bytes);
            }
            Woken::Arrived(Some(Err(error))) => match upstream::idle_time(&*error) {
                Some(limit) => {
                    let seconds = limit.as_secs();
                    return Err(ReplyError::Idle { seconds });
                }
                None => self.reply.break_off(),
            },
            Woken::Arrived(None) => self.reply.end(),
            Woken::Heartbeat => {
                self.heartbeat.sent();
                return Ok(self.reply.heartbeat());
            }
            Woken::Cut => return Err(ReplyError::Other(SHUTTING_DOWN.to_owned())),
        }
        Ok(None)
    }

    async fn woken(&mut self) -> Woken {
        poll_fn(|context| self.poll_woken(context)).await
    }

    fn poll_woken(&mut self, context: &mut Context<'_>) -> Poll<Woken> {
        if let Policies::Busy(call) = &mut self.policies {
            if let Poll::Ready((chain, answer)) = call.as_mut().poll(context) {
                return Poll::Ready(Woken::Answered(chain, answer));
            }
        } else if let Awaited::Waiting(turn) = &mut self.turn {
            if let Poll::Ready(turn) = turn.as_mut().poll(context) {
                return Poll::Ready(Woken::Turn(turn));
            }
        } else if let Poll::Ready(arrived) = self.upstream.as_mut().poll_next(context) {
            return Poll::Ready(Woken::Arrived(arrived));
        }
        if self.heartbeat.poll(context).is_ready() {
            return Poll::Ready(Woken::Heartbeat);
        }
        self.cut.as_mut().poll(context).map(|()| Woken::Cut)
    }

    fn take(&mut self, chain: Box<Chain>, answer: Answer) {
        self.recording.note_events();
        self.policies = Policies::Free(chain);
        match answer {
            Answer::Block(ruling) => self.reply.rule(ruling),
            Answer::Piece(ruling) => self.reply.rule_piece(ruling),
            Answer::End(added) => self.reply.finish(added),
            Answer::Observed => {}
        }
    }
}

/// The reply can't end well, and its end is held back. So the connection is cut.
fn unrecorded(error: Unrecorded) -> ReplyError {
    ReplyError::Other(error.to_string())
}
