//! What updates say to a line.

use super::{Heard, Line};
use crate::telegram::wire;
use grammers_session::updates::{UpdateAndPeers, UpdatesLike};
use grammers_tl_types as tl;

impl Line {
    /// Takes what came off the connection. `gap`: something before it may be lost. The difference brings the messages
    /// among it. What calls were told is numbered by nothing and does not come again: their timers see to those that then
    /// wait for ever, and signalling is repeated by its framing.
    pub(super) async fn hear(&mut self, update: UpdatesLike, gap: bool) {
        if gap {
            metrics::counter!("tandem_telegram_gaps").increment(1);
            tracing::warn!(account = %self.account, "updates came faster than they were taken; asking for missed messages");
            _ = self.boxes.process_updates(UpdatesLike::ConnectionClosed);
        }
        if let UpdatesLike::Updates(updates) = &update {
            self.pass_calls_on(updates).await;
            if self.is_from_a_stranger(updates) {
                // The short form has no access hash; the difference, of which this message is then a part, has.
                _ = self.boxes.process_updates(UpdatesLike::ConnectionClosed);
                return;
            }
        }
        // A gap asks for the difference by itself.
        if let Ok((updates, users, _)) = self.boxes.process_updates(update) {
            self.meet(&users).await;
            for (update, _) in updates {
                self.read_letter(update).await;
            }
        }
    }

    /// Takes what was missed, and says whether calls are in it.
    pub(super) async fn catch_up(&mut self, answer: tl::enums::updates::Difference) {
        let (updates, users, _): UpdateAndPeers = self.boxes.apply_difference(answer);
        self.meet(&users).await;
        for (update, _) in updates {
            if let Some(heard) = of_call(&update) {
                self.tell(heard).await;
            } else {
                self.read_letter(update).await;
            }
        }
    }

    /// Calls don't wait for messages: their updates are numbered by nothing.
    async fn pass_calls_on(&mut self, updates: &tl::enums::Updates) {
        let (updates, users) = match updates {
            tl::enums::Updates::UpdateShort(short) => (std::slice::from_ref(&short.update), &[][..]),
            tl::enums::Updates::Combined(it) => (&it.updates[..], &it.users[..]),
            tl::enums::Updates::Updates(it) => (&it.updates[..], &it.users[..]),
            tl::enums::Updates::TooLong
            | tl::enums::Updates::UpdateShortMessage(_)
            | tl::enums::Updates::UpdateShortChatMessage(_)
            | tl::enums::Updates::UpdateShortSentMessage(_) => return,
        };
        let calls: Vec<Heard> = updates.iter().filter_map(of_call).collect();
        if !calls.is_empty() {
            self.meet(users).await;
        }
        for call in calls {
            self.tell(call).await;
        }
    }

    fn is_from_a_stranger(&self, updates: &tl::enums::Updates) -> bool {
        match updates {
            tl::enums::Updates::UpdateShortMessage(short) => {
                !short.out && !self.known.contains(&short.user_id)
            }
            tl::enums::Updates::UpdateShort(_)
            | tl::enums::Updates::Combined(_)
            | tl::enums::Updates::Updates(_)
            | tl::enums::Updates::TooLong
            | tl::enums::Updates::UpdateShortChatMessage(_)
            | tl::enums::Updates::UpdateShortSentMessage(_) => false,
        }
    }

    async fn meet(&mut self, users: &[tl::enums::User]) {
        let mut met = wire::met(users);
        met.retain(|(user, _)| *user != self.me.0 && !self.known.contains(user));
        if met.is_empty() {
            return;
        }
        if self.known.len() >= KNOWN {
            self.known.clear();
        }
        self.known.extend(met.iter().map(|(user, _)| *user));
        self.tell(Heard::Met(met)).await;
    }

    async fn read_letter(&mut self, update: tl::enums::Update) {
        if let tl::enums::Update::NewMessage(update) = update
            && let Some(letter) = wire::letter(update.message, self.me.0)
        {
            // First it counts as read, for this process and the next: nobody is called twice for one letter.
            self.save().await;
            self.tell(Heard::Letter(letter)).await;
        }
    }
}

/// People whose access hash a line remembers having passed on. It is passed on again after that, which does no harm.
const KNOWN: usize = 50_000;

/// What an update says of a call.
fn of_call(update: &tl::enums::Update) -> Option<Heard> {
    if let tl::enums::Update::PhoneCall(update) = update {
        return Some(Heard::Call(wire::update(update.phone_call.clone())));
    }
    if let tl::enums::Update::PhoneCallSignalingData(update) = update {
        return Some(Heard::Signal { call: update.phone_call_id, packet: update.data.clone().into() });
    }
    None
}
