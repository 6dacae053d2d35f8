//! What a service account writes to people, in English and Russian.

use domain::person::Language;

/// The words, in one language.
#[derive(Debug, Clone, Copy)]
pub(super) struct Words(pub(super) Language);

impl Words {
    fn pick(self, en: &str, ru: &str) -> String {
        match self.0 {
            Language::En => en.to_owned(),
            Language::Ru => ru.to_owned(),
        }
    }

    pub(super) fn how(self) -> String {
        self.pick(
            "Send me a number or a contact, and I will call you and connect you.",
            "Пришлите номер или контакт: я позвоню вам и соединю.",
        )
    }

    pub(super) fn nothing_waits(self) -> String {
        self.pick(
            "No call is waiting for you. Send me a number first, then call me.",
            "Сейчас вас никто не ждёт. Сначала пришлите номер, потом звоните.",
        )
    }

    pub(super) fn bad_number(self) -> String {
        self.pick(
            "That is not a number that can be called. Send it again, please.",
            "По этому номеру позвонить нельзя. Пришлите его ещё раз.",
        )
    }

    pub(super) fn no_accounts(self) -> String {
        self.pick(
            "You have no SIP account to call with. Add one in the bot.",
            "У вас нет SIP-аккаунта для звонков. Добавьте его в боте.",
        )
    }

    pub(super) fn no_lines(self) -> String {
        self.pick(
            "No lines for call: the dial rules of your accounts let this number through nowhere.",
            "Нет линий для звонка: правила набора ваших аккаунтов не пропускают этот номер.",
        )
    }

    pub(super) fn not_now(self) -> String {
        self.pick(
            "The call could not be begun. Try again in a minute.",
            "Не получилось начать звонок. Попробуйте через минуту.",
        )
    }

    pub(super) fn which(self, lines: bool, choices: impl Iterator<Item = String>) -> String {
        let mut said = if lines {
            self.pick("Which line? Answer with its number.", "Через какую линию? Ответьте её номером.")
        } else {
            self.pick(
                "This contact has several numbers. Answer with the one to call.",
                "В контакте несколько номеров. Ответьте, по которому звонить.",
            )
        };
        for (index, choice) in choices.enumerate() {
            said.push_str(&format!("\n{}. {choice}", index + 1));
        }
        said
    }
}
