# The words of the bot in Russian. Every sentence is listed in sentences.rs with its values.

## Captions, as the product knows them (product reference 2.4)

softphone = Софтфон
new_account = Новый аккаунт
name = Название
login = Логин
password = Пароль
templates = Шаблоны настроек
domain = Домен
proxy = Прокси
transport = Транспорт
worker = Воркер
worker_auto = авто
codecs = Аудиокодеки
dtmf = Методы DTMF
rules = Правила набора
recording = Запись звонков
recording_chat = Чат для записей
user = Пользователь
select_user = Выбрать пользователя
select_chat = Выбрать чат
select_channel = Выбрать канал
unlink = Отвязать
transfer = Передать
transfer_back = Вернуть
take = Принять
go_to_calls = К звонкам
reconnect = Переподключить 🔄
hold = Удержать
resume = Продолжить
decline = Отклонить
end_call = Завершить
switch_line = Переключить
redial = Повторить звонок
apply = Применить
switch_on = Включить
switch_off = Выключить
callback_switch_on = Включить обратный вызов
callback_switch_off = Выключить обратный вызов
delete = Удалить
yes = Да
no = Нет
back = Назад
cancel = Отмена
help = Помощь

## Captions of our own

language = Язык
language_name = Русский
chosen = { $name }: выбран
on = вкл.
off = выкл.
clear = Очистить
undo = Отменить передачу
refresh = Обновить
up = Выше
down = Ниже
entry_on = { $place }. { $name }: вкл.
entry_off = { $name }: выкл.
type_list = Ввести списком
choose_chat = Выбрать чат
open_bot = Открыть бота
open_account = Открыть аккаунт
open_list = Открыть список
back_to_account = Назад к аккаунту
bulk_button = Сразу много
share_help_button = Как делиться настройками
find_template = Найти по названию
templates_all = Все шаблоны
rules_edit = Изменить правила
rules_clear = Убрать все правила
try_number = Проверить номер
try_another = Проверить другой номер
lend = Одолжить на время
lend_until = Ввести дату или срок
end_loan = Забрать сейчас
transfer_bind = Только для одного человека
transfer_unbind = Для любого в чате
call_offer_back = Отозвать приглашение
links_button = Ссылки для сайта
links_copy = Скопировать образец
recording_chat_here = Присылать в чат с ботом
recording_chat_bot = чат с ботом
recording_chat_chosen = выбран
you = вы
bulk_make = Создать приглашения
bulk_send = Отправить
bulk_recall = Отозвать
bulk_grant_give = Они станут: владельцами
bulk_grant_assign = Они станут: пользователями
bulk_batch = { $made }: принято { $taken } из { $offers }
inline_help = Как делиться настройками

## The list

list_own = { $title } · { $state }
list_assigned = { $title } · пользуется { $user } · { $state }
list_lent = { $title } · на время: { $user } · { $state }
list_used = { $title } · владелец { $owner } · { $state }
health_word_incomplete = не заполнен ⚪
health_word_off = выключен ⚪
health_word_waiting = подключается 🔵
health_word_active = зарегистрирован 🟢
health_word_failed = ошибка { $code } 🔴
list_title = <b>Ваши SIP-аккаунты</b>
list_counts =
    В списке { $total ->
         [one] { $total } аккаунт
         [few] { $total } аккаунта
        *[other] { $total } аккаунтов
    }, своих { $owned } из { $limit } возможных.
    Нажмите на аккаунт, чтобы посмотреть и изменить настройки.
list_empty =
    У вас пока нет SIP-аккаунта. Его можно получить тремя способами:

    1. Нажмите <b>Новый аккаунт</b> и введите логин и пароль от провайдера или АТС.
    2. Попросите коллегу поделиться: он наберёт в вашем чате <code>@{ $bot } логин пароль сервер</code>, а вы нажмёте <b>Принять</b>.
    3. Откройте ссылку от провайдера: аккаунт добавится после одного <b>Да</b>.

## Start and help

home_title = <b>Ваши SIP-аккаунты прямо в Telegram</b>
home_text =
    Храните здесь аккаунты провайдеров и АТС, настройте их один раз и передавайте тем, кому они нужны: насовсем, на время или только пользоваться.
    Вернуть аккаунт можно в любой момент.
    Чтобы позвонить, пришлите мне номер или контакт.
help_title = <b>Помощь</b>
help_get =
    <b>Получить аккаунт.</b> Нажмите «Новый аккаунт» и заполните логин, пароль и шаблон или домен.
    Или пусть кто-нибудь поделится с вами:
    <code>@{ $bot } 79261234567 пароль мультифон</code>
    Он набирает это в вашем общем чате и отправляет, а вы в течение 5 минут нажимаете «Принять».
help_hand_over =
    <b>Передать.</b> В аккаунте кнопка <i>Пользователь</i> сразу даст человеку пользоваться им, а <i>Передать</i> отправит приглашение в чат.
    Назначенный пользователь видит аккаунт в своём списке и может его вернуть. Новый владелец может всё.
help_back =
    <b>Вернуть.</b> От назначенного пользователя: <i>Пользователь</i>, затем <i>Отвязать</i>.
    После полной передачи: нажмите <i>Вернуть</i> в чате и допишите пароль аккаунта, например
    <code>@{ $bot } 123456789 пароль</code>
help_call =
    <b>Звонок.</b> Пришлите мне номер, контакт, SIP-адрес или <code>call echo</code> для имени. Я позвоню вам и наберу номер, когда вы ответите.
    Кто звонит вам, видно здесь; тут же клавиатура для голосовых меню, удержание, перевод и запись.
help_commands =
    /softphone ваши аккаунты
    /new добавить аккаунт
    /phone телефон в отдельном окне
    /bulk сразу много, для команды
    /language русский или английский
share_help_title = <b>Поделиться настройками одним сообщением</b>
share_help_grammar =
    В личном чате с человеком наберите:
    <code>@{ $bot } логин пароль шаблон</code>
    или, без шаблона,
    <code>@{ $bot } логин пароль сервер [домен] [кодеки] [dtmf] [правила]</code>
share_help_parts = Достаточно начала названия шаблона. Домен пишут только вместе с сервером. Кодеки и методы DTMF перечисляют через запятую. Правила пишут последними.
share_help_examples =
    <code>@{ $bot } 79261234567 пароль муль</code>
    <code>@{ $bot } 1001 пароль pbx.example.com:5070</code>
    <code>@{ $bot } 1001 пароль pbx.example.com opus,alaw rfc2833 ^8=7</code>
share_help_after =
    Вы увидите, как бот понял запись, и выберете: <b>Отдать</b> (владельцем станет получатель) или <b>Назначить</b> (владельцем останетесь вы).
    В сообщении будет кнопка «Принять». Она работает один раз и 5 минут, а пароля в чате нет.
languages_text = На каком языке говорить боту?
command_softphone = Ваши SIP-аккаунты
command_new = Добавить SIP-аккаунт
command_phone = Открыть телефон
command_bulk = Раздать сразу много аккаунтов
command_language = Русский или английский
command_help = Как это работает
command_cancel = Отменить ввод

## The card

card_title =
    <b>{ $title }</b>
    SIP-аккаунт { $number }
card_state = Состояние: { $state }
card_user = Пользователь: { $user }
card_lent = { $user }, на время до { $at } (ещё { $left })
card_borrowed = Одолжен вам до { $at } (ещё { $left }).
card_owner = Владелец: { $owner }
card_write_first = Чтобы звонки приходили в Telegram, напишите @{ $account } любое сообщение один раз.
card_user_may =
    Вы можете пользоваться этим аккаунтом. Настройки меняет только владелец.
    <i>Вернуть</i> предложит аккаунт владельцу в чате, <i>Удалить</i> вернёт его сразу.
card_pending = Изменения вступят в силу по кнопке <b>Применить</b> или сами через { $left }.
card_gone = Этого аккаунта больше нет в вашем списке: его удалили или он теперь у другого человека.
health_missing = не заполнен. Не хватает: { $missing }.
health_incomplete = не заполнен. Нужны логин, пароль и домен.
health_off = выключен
health_waiting = подключается к провайдеру
health_active = зарегистрирован
health_failed =
    отключён, <code>{ $code } { $reason }</code>
    { $means }
sip_credentials = Провайдер не принимает логин или пароль. Проверьте их и нажмите «Применить».
sip_unknown = Провайдер не знает такого логина. Проверьте логин и домен.
sip_silent = Сервер не ответил. Проверьте домен, прокси, порт и транспорт.
sip_nowhere = Сервера с таким именем нет. Проверьте домен и прокси.
sip_unavailable = Провайдер сообщает, что линия сейчас недоступна. Бот попробует ещё раз сам.
sip_provider = У провайдера неполадки. Бот попробует ещё раз сам.
sip_other = Спросите у провайдера, что значит этот код.

## Asking for a value

waiting_title = <b>{ $title }</b>
waiting_current = Сейчас: <code>{ $value }</code>
prompt_text =
    <b>{ $caption }</b> · { $title }
    Отправьте значение ответом на это сообщение. /cancel оставит всё как есть.
ask_name = Отправьте название аккаунта для списков. Например: <code>Офис, вторая линия</code>
ask_login = Отправьте SIP-логин от провайдера. Например: <code>1001</code> или <code>79261234567</code>
ask_password = Отправьте SIP-пароль. Бот сразу удалит ваше сообщение и сохранит пароль в зашифрованном виде. Больше его никто не увидит.
ask_domain = Отправьте SIP-сервер, с портом, если он нестандартный. Например: <code>sip.example.com</code> или <code>pbx.example.com:5070</code>
ask_proxy = Отправьте сервер регистрации, если он отличается от домена. Например: <code>proxy.example.com:5061</code>
ask_codecs =
    Отправьте аудиокодеки через запятую, лучший первым. Например: <code>opus,alaw,mulaw</code>
    Есть: opus, g722, alaw, mulaw, g729, gsm.
ask_dtmf =
    Отправьте методы DTMF через запятую, в порядке попыток. Например: <code>rfc2833,info</code>
    Есть: rfc2833 (рекомендуется), info, inband.
ask_rules =
    Отправьте весь список правил через пробел. Например:
    <code>[^+*#\w]= ^8=7</code>
    убирает пробелы, скобки и дефисы, а затем меняет первую 8 на 7. Один знак <code>=</code> убирает все правила.
ask_try_number = Отправьте номер так, как вы бы его набрали. Звонка не будет. Например: <code>8 (926) 123-45-67</code>
ask_find_template = Отправьте начало названия провайдера или АТС. Например: <code>муль</code>
ask_loan_end =
    До какого времени? Отправьте дату, дату со временем по UTC или срок. Например: <code>{ $example }</code>, <code>{ $example } 18:00</code> или <code>3 дня</code>
    Дата без времени — до конца этого дня (UTC). Одолжить можно не больше чем на год.
hint_name = Офис, вторая линия
hint_login = 1001
hint_password = SIP-пароль
hint_domain = sip.example.com:5060
hint_proxy = proxy.example.com
hint_codecs = opus,alaw,mulaw
hint_dtmf = rfc2833,info
hint_rules = {"["}^+*#\w]= ^8=7
hint_try_number = 8 (926) 123-45-67
hint_find_template = Начало названия
hint_loan_end = 3 дня
wrong_again = Отправьте ещё раз или /cancel, чтобы оставить как есть.
password_saved = Пароль для { $title } сохранён. Сообщение с ним удалено.
password_saved_delete_yourself = Пароль для { $title } сохранён. <b>Удалите, пожалуйста, своё сообщение с ним:</b> Telegram не дал боту это сделать.
input_cancelled = Оставили как было.
nothing_awaited = Не понимаю, что делать с этим текстом. Чтобы позвонить, пришлите номер, контакт или, например, <code>call echo</code>. Чтобы изменить настройку, сначала откройте аккаунт.

## What is wrong with a value

bad_loan_end = Не могу понять, какое это время. Правильно, например, <code>{ $example }</code>, <code>{ $example } 18:00</code> или <code>3 дня</code>.
bad_loan_end_past = Это время уже прошло: сейчас { $now }.
bad_loan_end_far = Это слишком далеко: одолжить можно не больше чем на год.
bad_empty = Пустое значение.
bad_too_long = Слишком длинно: не больше { $max ->
         [one] { $max } символа
         [few] { $max } символов
        *[other] { $max } символов
    }.
bad_blanks = Здесь не может быть пробелов, <code>@</code> и переносов строки.
bad_host = <code>{ $value }</code> не похоже на сервер. Правильно, например, <code>sip.example.com</code> или <code>192.0.2.1:5070</code>.
bad_port = <code>{ $value }</code> не порт. Нужно число от 1 до 65535.
bad_codec = Кодека <code>{ $value }</code> я не знаю. Есть: opus, g722, alaw, mulaw, g729, gsm.
bad_dtmf = Метода DTMF <code>{ $value }</code> я не знаю. Есть: rfc2833, info, inband.
bad_twice = <code>{ $value }</code> указано дважды.
bad_code = <code>{ $value }</code> не код шаблона: в нём только буквы, цифры, <code>-</code> и <code>_</code>.
bad_rule = Правило <code>{ $rule }</code> не годится: { $why }. Прежние правила остались.
bad_too_many_rules = Не больше { $max ->
         [one] { $max } правила
         [few] { $max } правил
        *[other] { $max } правил
    }.
line_empty = пусто
line_too_long = длиннее { $max ->
         [one] { $max } символа
         [few] { $max } символов
        *[other] { $max } символов
    }
line_blanks = нельзя пробелы, @ и переносы строки
line_host = { $value } не похоже на сервер
line_port = { $value } не порт от 1 до 65535
line_codec = неизвестный кодек { $value }
line_dtmf = неизвестный метод DTMF { $value }
line_twice = { $value } указано дважды
line_code = { $value } не код шаблона
line_rule = правило { $rule }: { $why }
line_too_many_rules = больше { $max ->
         [one] { $max } правила
         [few] { $max } правил
        *[other] { $max } правил
    }
rule_nothing_to_find = перед = ничего нет
rule_unclosed_group = не закрыта (
rule_unopened_group = лишняя )
rule_unclosed_class = не закрыта [
rule_nothing_to_repeat = нечего повторять; знак плюс пишется \+
rule_bad_count = в фигурных скобках должно быть число, например 9
rule_bad_range = диапазон в [ ] задом наперёд
rule_bad_escape = обратная косая черта стоит перед буквой, которая здесь ничего не значит
rule_look_around = просмотр вперёд и назад не поддерживается
rule_back_reference = повторить группу можно только справа от =
rule_no_such_group = нет группы { $group }
rule_too_big = оно слишком большое

## Templates, codecs, rules, worker, recording

templates_title = <b>Шаблоны настроек</b>: { $title }
templates_text = { $total ->
         [one] { $total } шаблон
         [few] { $total } шаблона
        *[other] { $total } шаблонов
    } по алфавиту, здесь { $range }. Шаблон заполнит домен, транспорт, кодеки и правила, а логин и пароль останутся.
templates_found = На <code>{ $search }</code> { $total ->
         [one] начинается
         [few] начинаются
        *[other] начинается
    } { $total ->
         [one] { $total } шаблон
         [few] { $total } шаблона
        *[other] { $total } шаблонов
    }.
templates_none = Нет шаблона на <code>{ $search }</code>. Попробуйте начало покороче или введите домен сами.
codecs_text =
    <b>Аудиокодеки</b>: { $title }
    Используется первый, который знает и провайдер. Если звонки обрываются или нет звука, оставьте только alaw и mulaw.
dtmf_text =
    <b>Методы DTMF</b>: { $title }
    Как нажатия доходят до голосовых меню, по порядку попыток. Большинству провайдеров нужен rfc2833.
rules_title = <b>Правила набора</b>: { $title }
rules_none = Правил нет: любой номер набирается как есть.
rules_list = Правила по порядку:
rules_line = { $place }. <code>{ $rule }</code>
rules_explained =
    Правило с <code>=</code> заменяет найденное: <code>^8=7</code> меняет первую 8 на 7.
    Правило без него работает как фильтр: с <code>^79\d{"{"}9{"}"}$</code> можно набрать только такие номера.
trace_title = <b>Правила набора</b>: { $title }, проверка
trace_input = Набрано: <code>{ $number }</code>
trace_replaced = { $place }. <code>{ $rule }</code> меняет { $times ->
         [one] { $times } место
         [few] { $times } места
        *[other] { $times } мест
    }: <code>{ $after }</code>
trace_emptied = { $place }. <code>{ $rule }</code> убирает всё
trace_nothing = { $place }. <code>{ $rule }</code> ничего не находит
trace_passed = { $place }. <code>{ $rule }</code> пропускает
trace_stopped = { $place }. <code>{ $rule }</code> не пропускает
trace_grew = { $place }. <code>{ $rule }</code> делает номер слишком длинным
trace_allowed = Провайдер получит <b><code>{ $number }</code></b>
trace_empty = От номера ничего не осталось, звонка не будет.
trace_refused = <b>С этого аккаунта не набирается:</b> не подходит фильтр <code>{ $rule }</code>. Для этого номера аккаунт не предложат.
trace_too_long = <b>Не набирается:</b> номер слишком длинный.
and_more = … и ещё { $count }
worker_title = <b>Воркер</b> ({ $title }): авто
worker_text =
    Воркер — это сервер, который регистрирует аккаунт и передаёт звук.
    Пока он один и выбирается сам, поэтому выбирать здесь нечего.
recording_chat_title = <b>Чат для записей</b>: { $title }
recording_chat_text =
    Записи будут приходить в: { $chat }
    Запись приходит, когда заканчивается звонок или сама запись.
    Чтобы выбрать другое место, добавьте бота в группу или канал с правом писать и нажмите кнопку под полем ввода.
recording_chat_pick = Куда присылать записи?
recording_chat_saved = Записи будут приходить в { $chat }.
recording_chat_unreachable = Бот не может писать в { $chat }, поэтому записи будут приходить в чат пользователя с ботом. Добавьте туда бота с правом писать и выберите чат ещё раз.
recording_chat_test = Сюда будут приходить записи звонков: { $title }. Этот чат выбрал(а) { $by }.
recording_chat_trying = Проверяю, могу ли писать в { $chat }…

## User, loan, transfer

user_title = <b>Пользователь</b>: { $title }
user_own = Этим аккаунтом пользуетесь вы сами.
user_assigned = Пользуется { $user }. Владелец по-прежнему вы.
user_lent = Одолжен, пользуется { $user } до { $at } (ещё { $left }). Потом вернётся сам.
user_explained = <i>Выбрать пользователя</i> действует сразу, без «Принять». У пользователя аккаунт появится в списке, но менять он ничего не может.
lend_title = <b>Одолжить</b> { $title }
lend_text = На сколько? Потом аккаунт вернётся к вам сам, а забрать его можно и раньше.
pick_user = Кто будет пользоваться аккаунтом { $title }? Нажмите кнопку под полем ввода.
pick_borrower = Кому одолжить { $title } на { $span }? Нажмите кнопку под полем ввода.
pick_borrower_until = Кому одолжить { $title } до { $at }? Нажмите кнопку под полем ввода.
pick_recipient = Для кого приглашение на аккаунт { $title }? Принять его сможет только этот человек. Нажмите кнопку под полем ввода.
picked_user = Теперь аккаунтом { $title } пользуется { $user }.
picked_borrower = { $title }: одолжен на { $span }, пользуется { $user }.
picked_borrower_until = { $title }: одолжен до { $at }, пользуется { $user }.
picked_recipient = Принять приглашение на аккаунт { $title } сможет только { $user }.
picked_unreachable = Пока я не могу написать этому человеку. Попросите его открыть @{ $bot } и нажать «Старт».
transfer_title = <b>Передать</b> { $title }
transfer_assign =
    <b>Назначить пользователя:</b> человек пользуется аккаунтом, владельцем остаётесь вы.
    Вернуть аккаунт можно в любой момент и без спроса.
transfer_give =
    <b>Передать аккаунт:</b> человек становится владельцем, а из вашего списка аккаунт исчезает.
    Вернуть его можно только через нового владельца или по паролю.
transfer_open = Выберите чат, затем способ и отправьте сообщение. Аккаунт получит тот, кто первым нажмёт «Принять» в течение 5 минут. Нажмёте сами — приглашение отзовётся.
transfer_bound = Принять сможет только { $user }, в течение 5 минут. Выберите ваш общий чат, затем способ и отправьте сообщение.

## Delete

delete_ask = Удалить <b>{ $title }</b>? Настройки и пароль будут стёрты навсегда.
delete_ask_used = Удалить <b>{ $title }</b>? Его лишится и { $user }. Настройки и пароль будут стёрты навсегда.
delete_ask_return = Вернуть <b>{ $title }</b>? Аккаунт исчезнет из вашего списка и останется у владельца: { $owner }.
deleted = { $title }: удалён.
given_back = { $title }: возвращён. Владелец: { $owner }.

## Special messages in chats

offer_assign =
    <b>{ $from } даёт вам пользоваться SIP-аккаунтом</b>
    { $title }
offer_give =
    <b>{ $from } отдаёт вам SIP-аккаунт</b>
    { $title }
offer_return =
    <b>{ $from } возвращает SIP-аккаунт</b>
    { $title }
offer_take_away =
    <b>{ $from } забирает SIP-аккаунт</b>
    { $title }
offer_server = Сервер: { $server }
offer_assign_means = Он появится в вашем списке, им можно будет пользоваться. Настройки остаются у отправителя: { $from }.
offer_give_means = Он станет вашим со всеми настройками.
offer_return_means = Нажмите «Принять», и он снова будет в вашем списке.
offer_take_away_means = Отправитель знает пароль и забирает аккаунт кнопкой ниже.
offer_for = Принять может только { $user }.
offer_for_anyone = Для того, кто нажмёт первым.
offer_until = Принять можно ещё { $left }, до { $at }.
taken_assign = <b>Готово.</b> Теперь аккаунтом { $title } пользуется { $by }.
taken_give = <b>Готово.</b> Новый владелец аккаунта { $title }: { $by }.
taken_back = <b>Готово.</b> { $title } снова у владельца: { $by }.
offer_expired = Приглашение на аккаунт { $title } истекло, его никто не принял. Отправитель: { $from }.
offer_cancelled = Приглашение на аккаунт { $title } отозвано. Отправитель: { $from }.
offer_undone = Передача аккаунта { $title } отменена. Отправитель: { $from }.

## Inline results

share_give = Отдать { $login } на { $server }
share_assign = Назначить { $login } на { $server }
share_give_description = Владельцем станет получатель · { $understood }
share_assign_description = Владельцем останетесь вы · { $understood }
understood_password = пароль из { $count ->
         [one] { $count } символа
         [few] { $count } символов
        *[other] { $count } символов
    }
understood_domain = домен { $domain }
understood_rules = правила { $rules }
result_assign = Назначить пользователя SIP-аккаунта
result_assign_description = { $title }: человек пользуется, владельцем остаётесь вы
result_transfer = Передать SIP-аккаунт
result_transfer_description = { $title }: человек становится владельцем, у вас аккаунта не будет
result_return = Вернуть SIP-аккаунт
result_return_description = { $title }: вернётся к владельцу. «Принять» нажимает { $owner }
result_take_away = Забрать SIP-аккаунт
result_take_away_description = { $title }: пароль подходит. Отправьте и сами нажмите «Принять»
result_prepared = Отправить { $title }
result_prepared_description = После отправки принять можно в течение 5 минут. Хранится до { $at }
hint_form = логин пароль шаблон|сервер [домен] [кодеки] [dtmf] [правила]
hint_nothing = Введите логин
hint_password_missing = Теперь пробел и пароль
hint_server_missing = Теперь пробел и шаблон или сервер
hint_too_long = Слишком длинно: не больше { $max ->
         [one] { $max } символа
         [few] { $max } символов
        *[other] { $max } символов
    }
hint_bad_login = Логин: { $why }
hint_bad_password = Пароль: { $why }
hint_no_template = Нет шаблона на { $typed }, и на сервер не похоже
hint_bad_server = { $typed } не похоже на сервер. Нужно sip.example.com или хост:порт
hint_needs_server = Для { $name } нужен ваш сервер: пробел и адрес
hint_domain_alone = { $typed }: домен пишут только с сервером, не с шаблоном
hint_bad_codecs = Кодеки: { $why }
hint_bad_dtmf = Методы DTMF: { $why }
hint_codecs_twice = Кодеки указаны дважды. Объедините через запятую
hint_dtmf_twice = Методы DTMF указаны дважды. Объедините через запятую
hint_rules_last = { $typed } стоит после правил. Правила пишут последними
hint_bad_rules = Правила: { $why }
private_only = Откройте личный чат
private_only_description = Аккаунт предлагают одному человеку, в вашем общем чате
hint_message = SIP-аккаунтом делятся в личном чате: <code>@{ $bot } логин пароль сервер</code>

## Notices

news_taken_assign = { $by }: приглашение принято, теперь это пользователь аккаунта { $title }.
news_taken_transfer = { $by }: приглашение принято, теперь это владелец аккаунта { $title }.
news_taken_return = { $title } вернулся к владельцу: { $by }.
news_taken_away_self = { $title }: снова ваш.
news_undo = Не тот человек? <i>Отменить передачу</i> можно, пока в аккаунте ничего не меняли.
news_expired = { $title }: приглашение никто не принял вовремя. Аккаунт остался как был, можно предложить снова.
news_list_over = Время вашего списка на { $server } вышло. Часть приглашений так и не отправили, и никто их не получил. Какие именно, видно в списке.
news_undone = { $title }: передачу отменили, пока аккаунт не трогали. В вашем списке его больше нет. Отправитель: { $by }.
news_assigned = { $by } даёт вам пользоваться аккаунтом { $title }. Он уже в вашем списке.
news_unassigned = { $title } больше не у вас: аккаунт забрал владелец, { $by }.
news_lent = { $by } даёт вам { $title } на время, до { $at } ({ $left }). Потом аккаунт вернётся сам.
news_loan_ended = { $title }: срок вышел, аккаунтом снова пользуетесь вы. До этого пользователь: { $user }.
news_loan_over = { $title }: срок вышел, аккаунт снова у владельца. Это { $owner }.
news_given_back = { $by } возвращает вам { $title }. Теперь аккаунтом снова пользуетесь вы.
news_taken_away =
    { $title }: аккаунт по паролю забрал прежний владелец, { $by }. В вашем списке его больше нет.
    Если вы об этом не договаривались, смените пароль у провайдера.
news_deleted = { $title }: аккаунт удалил владелец, { $by }.
news_registered = { $title }: активен, провайдер его принял.
news_failed =
    { $title }: не удаётся подключить, <code>{ $code } { $reason }</code>
    { $means }

## Refusals: what is the case, and what next

refused_no_account = Этого аккаунта нет в вашем списке. Нажмите /softphone, чтобы увидеть свои.
refused_number_taken = Этот номер только что достался другому аккаунту. Попробуйте ещё раз.
refused_not_owner = Это может только владелец аккаунта. Попросите его или верните аккаунт.
refused_not_yours = Это не ваш аккаунт, и пользоваться им вам не давали. Нажмите /softphone, чтобы увидеть свои.
refused_incomplete = Не хватает логина, пароля или домена. Заполните их и нажмите ещё раз.
refused_over = Приглашение истекло: { $since }. Попросите отправителя прислать новое.
refused_taken = Кто-то успел раньше. Попросите отправителя прислать новое приглашение.
refused_cancelled = Отправитель отозвал приглашение. Спросите его, если аккаунт вам нужен.
refused_no_offer = Такого приглашения больше нет. Попросите отправителя прислать новое.
refused_for_another = Это приглашение для другого человека. Попросите отправителя прислать его вам.
refused_own_offer = Это ваше приглашение: «Принять» нажимает другой человек. Чтобы добавить аккаунт себе, есть /new.
refused_already_yours = Этот аккаунт у вас уже есть. Нажмите /softphone, чтобы его открыть.
refused_nobody = Этот аккаунт вам никто не передавал, вернуть его некому. Его можно передать кому-нибудь.
refused_take_away = Так вернуть аккаунт нельзя. Проверьте номер и пароль.
refused_touched = Отменить уже нельзя: после передачи в аккаунте что-то изменили. Попросите вернуть его или заберите по паролю.
refused_not_undoable = Это отменить нельзя. Аккаунт можно предложить ещё раз.
refused_again = Аккаунт как раз изменился. Нажмите, пожалуйста, ещё раз.
refused_loan_end = Одолжить можно на срок до года. Выберите другой.
refused_not_due = Ещё рано: это произойдёт в { $due }.

## Toasts and alerts

toast_saved = Сохранено. Нажмите «Применить», или само через 5 минут.
toast_applied = Применено
toast_nothing_to_apply = Применять нечего: все настройки уже действуют.
toast_switched_on = Включён
toast_switched_off = Выключен
toast_callback_on = Обратный вызов включён: пришлите номер, ответьте на звонок — и вас соединят.
toast_callback_off = Обратный вызов выключен: пришлите номер и позвоните сами в течение минуты.
toast_menu_updated = Меню обновлено
toast_language = Теперь говорю по-русски
toast_deleted = Удалён
toast_given_back = Возвращён
toast_unlinked = Теперь им снова пользуетесь вы
toast_taken = Принято. Аккаунт в вашем списке.
toast_undone = Отменено. Аккаунт снова как был.
toast_offer_cancelled = Приглашение отозвано
toast_added = Добавлен в ваш список
toast_dropped = Отменено. Ничего не изменилось.
trouble_fault = У нас что-то сломалось. Ничего не изменилось. Попробуйте ещё раз через минуту.
trouble_too_fast = Слишком быстро, не успеваю. Подождите несколько секунд и нажмите ещё раз.
trouble_stale = Это меню устарело. Нажмите /softphone, чтобы открыть новое.
trouble_limit = У вас уже { $limit ->
         [one] { $limit } аккаунт
         [few] { $limit } аккаунта
        *[other] { $limit } аккаунтов
    }, больше нельзя. Удалите или передайте один и нажмите ещё раз.
trouble_input_over = Этого значения я уже не жду. Откройте аккаунт и нажмите кнопку ещё раз.
trouble_draft_over = Введённое уже не хранится. Наберите, пожалуйста, ещё раз.
trouble_bad_link = Ссылка не работает: она испорчена или в ней неизвестный шаблон. Попросите новую.
trouble_bad_file = Я читаю текстовые файлы и CSV до 256 КБ. Пришлите такой файл или список сообщением.

## Links

link_confirm = Добавить SIP-аккаунт <b>{ $login }</b> на <b>{ $server }</b>?
link_confirm_means = Вы открыли ссылку с настройками. Отвечайте «Да», только если знаете, откуда она. Аккаунт будет только вашим.
links_title = <b>Ссылки</b> с такими настройками: { $title }
links_means = Кто откроет такую ссылку, получит аккаунт в собственность. Размещайте её там, где её видит только сам человек, например в личном кабинете.
links_plain =
    Простой вид, если в логине и пароле только <code>A-Z a-z 0-9 _ -</code>:
    <code>{ $link }</code>
links_base64 =
    Любые настройки: закодируйте эту строку в url-safe base64 (не больше 48 байт)
    <code>{ $line }</code>
    и подставьте сюда: <code>{ $link }</code>
links_share = Чтобы передать один аккаунт одному человеку, проще и безопаснее отправить сообщение в чат.
links_login = LOGIN
links_password = PASSWORD
links_server = SERVER

## Many at once

bulk_title = <b>Сразу много аккаунтов</b>
bulk_how = Пришлите список сообщением, текстовым файлом или CSV. Сначала шаблон или сервер, потом по строке на человека: логин, пароль и, если хотите, имя.
bulk_example =
    <code>pbx.example.com</code>
    <code>1001 пароль1 Анна</code>
    <code>1002 пароль2 Пётр</code>
bulk_then = Ваше сообщение сразу удаляется. Вы увидите, что я понял, и получите по кнопке на каждого: она отправит приглашение в ваш общий чат.
bulk_preview = <b>{ $count ->
         [one] { $count } аккаунт
         [few] { $count } аккаунта
        *[other] { $count } аккаунтов
    }</b> на { $server }
bulk_problem = Строка { $line } пропущена: { $why }
bulk_accounts = Аккаунты:
bulk_line = { $line }. { $login }
bulk_line_named = { $line }. { $login }, { $name }
bulk_nothing = Ни одной годной строки. Исправьте список и пришлите ещё раз.
bulk_preview_next = Пока никто ничего не получил. Подготовленные приглашения хранятся 24 часа, а после отправки действуют 5 минут.
bulk_board = <b>Приглашения</b> на { $server }
bulk_counts = { $total ->
         [one] { $total } приглашение
         [few] { $total } приглашения
        *[other] { $total } приглашений
    }: отправить { $made }, отправлено { $sent }, принято { $taken }, истекло { $over }
bulk_made = { $title }: ещё не отправлено
bulk_sent = { $title }: отправлено, осталось { $left }
bulk_taken = { $title }: принято, { $by }
bulk_expired = { $title }: истекло
bulk_cancelled = { $title }: отозвано
bulk_board_next = <b>Отправить</b> предложит выбрать чат с человеком, <b>Отозвать</b> отменит приглашение, пока его не приняли.

## Words

account_without_name = Новый аккаунт
person_without_name = пользователь { $id }
span_minutes = { $count ->
         [one] { $count } минуту
         [few] { $count } минуты
        *[other] { $count } минут
    }
span_hours = { $count ->
         [one] { $count } час
         [few] { $count } часа
        *[other] { $count } часов
    }
span_days = { $count ->
         [one] { $count } день
         [few] { $count } дня
        *[other] { $count } дней
    }
moment_today = { $time } UTC
moment_later = { $day }, { $time } UTC

## What is wrong with a line of a list

bulk_login_missing = нет логина
bulk_password_missing = нет пароля
bulk_bad_login = логин: { $why }
bulk_bad_password = пароль: { $why }
bulk_bad_name = имя: { $why }
bulk_twice = этот логин уже есть в строке { $first }
bulk_open_quote = не закрыта кавычка
bulk_too_many_values = больше, чем логин, пароль и имя
bulk_too_many_lines = в списке может быть не больше { $max } аккаунтов; { $count ->
         [one] { $count } строка пропущена
         [few] { $count } строки пропущены
        *[other] { $count } строк пропущено
    }

## From a number to a call

dial_number = <b>Звонок: { $number }</b>
dial_which_line = По какой линии?
dial_which_number = <b>На какой номер?</b>
dial_bad_number = Это не набрать: в номере или адресе от 1 до 256 знаков в одной строке.
dialled_as = { $title }: { $number }
dialled_empty = { $title }: правила набора ничего не оставляют от номера
dialled_refused = { $title }: правило набора <code>{ $rule }</code> не пропускает этот номер
dialled_too_long = { $title }: правила набора делают номер слишком длинным
no_lines = <b>Нет линий для звонка</b>: { $number }
no_lines_nobody = У вас нет аккаунта для звонков. Нажмите /new, чтобы добавить, или попросите поделиться с вами.
no_lines_next = Откройте аккаунт, чтобы исправить.
no_line_state = { $title }: { $state }
no_line_used = { $title }: сейчас им пользуется другой человек. Верните его себе, чтобы звонить.

## The card of a call

call_to = <b>Звонок: { $who }</b>
call_from = <b>Вам звонит { $who }</b>
call_missed = <b>Пропущенный звонок: { $who }</b>
call_number = Номер: <code>{ $number }</code>
call_line = Линия: { $title }
call_other_line = Вторая линия: { $who }
call_unknown = неизвестный номер
call_asked = Начинаю…
call_calling_you = Звоню вам. Ответьте в Telegram или в телефоне, и я наберу номер.
call_calling_you_app = Звоню вам в Telegram. Ответьте, и я наберу номер.
call_calling_you_page = Звоню на ваш телефон. Ответьте там, и я наберу номер.
call_awaits_app = Позвоните @{ $account }: есть { $count ->
         [one] { $count } секунда
         [few] { $count } секунды
        *[many] { $count } секунд
    }. Вас сразу соединят.
call_awaits_page = Откройте телефон: есть { $count ->
         [one] { $count } секунда
         [few] { $count } секунды
        *[many] { $count } секунд
    }. Вас сразу соединят.
call_flood = Telegram сейчас не даёт мне позвонить вам.
call_dialling = Набираю…
call_ringing = Идут гудки.
call_rings_you = Ваш телефон звонит. Ответьте в Telegram или в телефоне.
call_rings_you_app = Звонок идёт в Telegram. Ответьте там.
call_rings_you_page = Ваш телефон звонит. Ответьте там.
call_rings_second = Звонок на второй линии. «Переключить» удержит первую.
call_talking = Разговор с { $at }
call_held = На удержании, разговор с { $at }
call_code = Код: <code>{ $code } { $reason }</code>
over_you = Вы завершили разговор через { $time }.
over_them = Собеседник завершил разговор через { $time }.
over_you_declined = Вы отклонили звонок.
over_they_declined = На том конце звонок отклонили.
over_you_talked = Вы разговаривали, и звонивший слышал «занято».
over_busy = Занято. Попробуйте позже.
over_missed = Без ответа, { $at }.
over_no_answer = Никто не ответил. Попробуйте позже.
over_caller_gave_up = Звонивший не дождался ответа, { $at }.
over_you_did_not_answer = Вы не ответили, поэтому номер не набирался.
over_cancelled = Отменён до ответа.
over_failed = Звонок не удался или оборвался.
over_lost = Сервер, который вёл звонок, перезапустился. Позвоните ещё раз.
over_transferred = Переведён через { $time }. Двое других говорят без вас.
open_phone = Открыть телефон
end_other = Завершить первый
call_back = Перезвонить
record_start = Начать запись 🔴
record_starting = Запись начинается ⌛
record_stop = Остановить запись ⏹
record_saving = Запись сохраняется ⌛
record_locked = Запись закреплена 🔒
record_failed = Сбой. Записать снова ⚠️
transfer_ask =
    На какой номер перевести разговор с { $who }? Пришлите его ответом на это сообщение.
    Когда звонок переведён, вы из него выходите. /cancel оставит всё как есть.
transfer_hint = 8 (926) 123-45-67
transfer_asked = Перевожу разговор с { $who } на { $number }.
phone_text = Телефон открывается в отдельном окне: набор, ответ, удержание, перевод.
phone_none = На этом сервере нет страницы телефона. Отвечайте на звонки в Telegram.
call_help_button = Почему не звонит
call_help_title = <b>Звонки не приходят?</b>
call_help_privacy =
    В Telegram можно выбрать, кто вам звонит. Откройте «Настройки», «Конфиденциальность», «Звонки» и добавьте @{ $account } в «Всегда разрешать».
    Напишите @{ $account } любое сообщение один раз, чтобы Telegram вас познакомил.
call_help_devices = Если одно из приложений Telegram зависло в звонке или отвечает другое устройство, звонок сразу обрывается. Закройте его там.
call_help_page = Или откройте страницу телефона: она звонит и говорит без звонка Telegram.
call_help_sound = Нет звука или звонок обрывается через несколько секунд? Оставьте в аккаунте только кодеки alaw и mulaw и нажмите «Применить».
over_not_rung = Не удалось позвонить вам, поэтому номер не набирался.
over_not_rung_in = Не удалось позвонить вам, { $at }.
service_account = служебному аккаунту
not_rung_privacy = Настройки конфиденциальности Telegram не дают { $account } звонить вам. Откройте «Настройки», «Конфиденциальность», «Звонки» и добавьте его в «Всегда разрешать».
not_rung_flood = Telegram ограничивает, как часто можно звонить. Попробуйте, когда это время пройдёт.
not_rung_unknown = Telegram разрешает звонить только тем, кто писал мне сам. Отправьте { $account } любое сообщение, чтобы он мог вам звонить.
not_rung_outdated = Ваш Telegram слишком старый для звонков. Обновите его и попробуйте ещё раз.
not_rung_slow = Telegram не ответил вовремя. Попробуйте через минуту.
not_rung_broken = Звонок в Telegram оборвался, не начавшись. Попробуйте ещё раз; если повторится, перезапустите Telegram.
not_rung_page = Странице телефона звонок в Telegram не нужен: откройте её и звоните оттуда.
code_refused = Провайдер не принимает логин или пароль или не разрешает этот звонок.
code_plan = Тариф аккаунта не разрешает этот звонок. Спросите владельца.
code_unknown = Такого номера нет. Проверьте его вместе с кодами страны и города.
code_silent = Сервер не ответил вовремя. Попробуйте ещё раз; если повторится, проверьте аккаунт.
code_unavailable = Там сейчас никто не доступен. Попробуйте позже.
code_codecs = У двух сторон нет общего кодека. Оставьте в аккаунте только alaw и mulaw.
code_provider = У провайдера неполадки. Попробуйте через минуту.
code_other = Спросите у провайдера, что значит этот код.
toast_recording = Запись начинается
toast_recording_stops = Запись закончена. Она придёт, как только сохранится.
toast_asked_in_bot_chat = Отправьте номер @{ $bot }: я спрашиваю его в нашем чате.
toast_reconnecting = Переподключаю. Что вышло, покажет карточка.
toast_cancelling = Звонок отменяется
alert_call_over = Этот звонок уже закончен.
alert_not_now = В этот момент звонка так нельзя.
alert_recording_locked = Владелец аккаунта записывает его звонки. Здесь это не остановить.
alert_recording_saving = Прошлая запись ещё сохраняется. Попробуйте чуть позже.
alert_dial_too_fast = Очень много звонков подряд. Подождите несколько минут и попробуйте снова.
alert_choice_over = Этот выбор устарел. Пришлите номер ещё раз.

## Recordings

recorded_out = <b>Звонок: { $who }</b>
recorded_in = <b>Входящий: { $who }</b>
recorded_line = { $title }, { $at }, { $time }
recorded_by = Говорил(а): { $user }
recording_lost_chat = В { $chat } больше нельзя писать, поэтому запись приходит вам.
recording_lost_chat_unnamed = В чат для записей больше нельзя писать, поэтому запись приходит вам.
recording_owner_told = Записи { $title } не отправить в выбранный вами чат. Они идут в чат пользователя с ботом. Добавьте туда бота с правом писать или выберите другой чат.
recording_not_saved =
    Запись разговора с { $who } потеряна: { $reason }
    На сам разговор это не повлияло.
