"""Lines that a web page adds to an article: comment forms, cookie notices, sharing, adverts.

Three kinds, all of them whole lines. Plain lines are unmistakable and cut wherever they stand.
Edge lines are cut only in an unbroken run at the beginning or the end. Form lines ("Name",
"Website") are cut only at the end, below a plain or an edge line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

Span = tuple[int, int, str]

_PLAIN = r"""
leave an? (?:reply|comment|response) | post a comment | be the first to (?:leave a )?comment
your e-?mail (?:address )?will not be (?:published|shared)(?:\. required fields are marked \*?)?
required fields are marked \*? | (?:cancel reply|click here to cancel reply)
save my name,? e-?mail,? and website in this browser for the next time i comment
this site uses akismet to reduce spam.* | learn how your comment data is processed
you must be (?:logged|signed) in to (?:post a )?comment | comments are closed
adverti[sz]ement | story continues below(?: (?:this )?adverti[sz]ement)? | scroll to continue
article continues (?:below|after) (?:this )?(?:ad|adverti[sz]ement)
click to (?:share|email|print)\b.*\(opens in (?:a )?new window\)
(?:we|this (?:web ?)?site|our (?:web ?)?site) uses? cookies\b.{0,400}
sign up (?:for|to) (?:our|the) (?:free )?(?:daily |weekly |morning )?newsletters?\b.{0,80}
subscribe to (?:our|the) (?:free )?(?:daily |weekly )?(?:newsletters?|youtube channel)\b.{0,80}
schreiben? sie einen kommentar | schreibe einen kommentar
kommentar (?:schreiben|hinterlassen|verfassen)
(?:ihre|deine) e-?mail-adresse wird nicht veröffentlicht.{0,80}
diese (?:web)?seite verwendet cookies\b.{0,400}
laisser un commentaire | soyez le premier à commenter | ce site utilise des cookies\b.{0,400}
votre adresse (?:e-?mail|de messagerie) ne sera pas publiée.{0,100}
deja (?:una respuesta|un comentario) | sé el primero en comentar
este sitio (?:web )?utiliza cookies\b.{0,400}
tu dirección de correo electrónico no será publicada.{0,100}
lascia un commento | il tuo indirizzo e-?mail non sarà pubblicato.{0,100}
questo sito (?:web )?utilizza (?:i )?cookie\b.{0,400}
deixe (?:um comentário|uma resposta) | o (?:seu )?endereço de e-?mail não será publicado.{0,100}
dodaj komentarz | twój adres e-?mail nie zostanie opublikowany.{0,100}
geef een reactie | (?:je|het) e-?mailadres (?:wordt|zal) niet (?:worden )?gepubliceerd.{0,100}
lämna (?:ett svar|en kommentar) | din e-postadress kommer inte (?:att )?publiceras.{0,100}
bir (?:yanıt|cevap) yazın | e-posta (?:hesabınız|adresiniz) yayımlanmayacak.{0,100}
(?:оставить|добавить) комментарий
ваш (?:адрес )?e-?mail (?:адрес )?не будет опубликован.{0,100}
(?:этот|наш) сайт использует (?:файлы )?cookies?\b.{0,400}
(?:залишити|додати) (?:відповідь|коментар)
(?:ваша|вашу) e-?mail адреса? не (?:оприлюднюватиметься|буде опублікован[ао]).{0,100}
(?:цей|наш) сайт використовує (?:файли )?cookies?\b.{0,400}
اترك (?:تعليقا|تعليقاً|ردا|رداً|ردّاً|تعليقًا|ردًا) | لن يتم نشر عنوان بريدك الإلكتروني.{0,100}
发表(?:评论|回复) | 發(?:表|佈)(?:評論|迴響|留言)
您的(?:电子)?(?:邮箱|邮件)地址不会被公开.{0,60} | 發佈留言必須填寫的電子郵件地址不會公開.{0,60}
コメントを残す | メールアドレスが公開されることはありません.{0,60}
"""

_EDGE = r"""
skip to (?:main )?content | (?:main )?menu | home | search | close | print | e-?mail | share
tweet
share (?:this|on|via|to)\b.{0,60} | like this | (?:like )?loading | facebook | twitter
whatsapp | linkedin
(?:\d+ )?comments?(?: \(\d+\))? | no comments(?: yet)?
(?:accept|reject|manage)(?: all)? cookies
(?:read|see) (?:more|also|next)\b.{0,150} | also read\b.{0,150} | more on this(?: story)?
related(?: (?:articles?|stories|story|posts?|topics?|news|coverage|content))?
you (?:may|might) also like.{0,60}
recommended(?: for you)? | most read | trending(?: now)? | tags?:.{0,200} | topics?:.{0,200}
filed under:?.{0,200}
(?:previous|next)(?: (?:article|post|story))? | back to top | subscribe(?: now)? | log ?in
sign (?:in|up) | register
follow (?:us|me)\b.{0,80} | (?:all )?rights reserved | (?:copyright|©|\(c\)).{0,150}
\(?this (?:story|article) has not been edited by .{0,150}
\(?(?:except for the headline, )?this (?:story|article) (?:was|is) (?:auto-)?generated from .{0,150}
published in \w+, .{0,60}\d{4}
anzeige | werbung | teilen | zur startseite | publicité | partager | publicidad | compartir
pubblicità | condividi
reklama | udostępnij | annons | dela | реклама | поделиться\b.{0,60} | подписаться\b.{0,60}
подпис(?:ывайтесь|ывайся) на\b.{0,100}
читайте также\b.{0,150} | поділитися\b.{0,60} | підпис(?:уйтесь|атися|ка)\b.{0,100}
читайте також\b.{0,150}
广告 | 廣告 | 分享(?:到|至).{0,40} | 相关(?:阅读|新闻|文章).{0,40}
إعلان | شارك.{0,40} | اقرأ أيضا.{0,100}
"""

_FORM = r"""
name | e-?mail | website | url | comment | submit | save | post comment | submit comment | send
reply
your (?:name|comment|e-?mail) | notify me of .{0,80} | anonymous | log in to reply | kommentar
nom | nombre | nome
senden | envoyer | enviar | комментарий | имя | сайт | отправить | ім'я | коментар | надіслати
评论 | 姓名 | 电子邮件 | 网站
"""


def _compile(phrases: str) -> re.Pattern[str]:
    choices = [part.strip() for line in phrases.splitlines() for part in line.split(" | ")]
    # Matched against lines in lower case: without IGNORECASE it is several times faster.
    return re.compile(r"[^\w$#@]{0,4}?(?:" + "|".join(filter(None, choices)) + r")[\W_]{0,4}")


_plain, _either, _form = _compile(_PLAIN), _compile(_PLAIN + _EDGE), _compile(_FORM)
_LONGEST = 500  # no phrase matches a longer line
_NOTICE = 150
_FEW = 90  # lines inside the article are looked at only if this short


def boilerplate_spans(text: str) -> list[Span]:
    """The (start, end, reason) of the boilerplate, in order, not overlapping.

    A trailing run takes the blank lines above it along, any other line those below it.
    """
    start = _leading_run(text)
    if start == len(text) and not any(map(_is_plain, text.split("\n"))):
        return []  # one word, "Home" say, is rather an odd article than a page without one
    stop = _trailing_run(text, start)
    spans: list[Span] = [(0, start, "boilerplate")] if start else []
    spans += _inner_lines(text, start, stop)
    if stop < len(text):
        spans.append((stop, len(text), "boilerplate"))
    return spans


def _inner_lines(text: str, start: int, stop: int) -> Iterator[Span]:
    """The unmistakable lines between `start` and `stop`, each with the line ends below it."""
    lines = text.split("\n")
    plain = {line for line in lines if 0 < len(line) <= _FEW and _is_plain(line)}
    if not plain:
        return  # as nearly always
    end = -1
    for line in lines:
        first = end + 1
        end = first + len(line)
        if line not in plain or first < start or end >= stop:
            continue
        below = end
        while below < stop and text[below] == "\n":
            below += 1
        yield first, below, "boilerplate"


def _leading_run(text: str) -> int:
    """Where the article begins below boilerplate lines; 0 if there are none."""
    start = 0
    found = False
    while start < len(text):
        end = text.find("\n", start)
        end = len(text) if end < 0 else end
        if end - start > _LONGEST:
            break
        line = text[start:end].strip()
        if line:
            if not _is_boilerplate(line):
                break
            found = True
        start = min(end + 1, len(text))
    return start if found else 0


def _trailing_run(text: str, floor: int) -> int:
    """Where the boilerplate at the end begins, blanks above it included; else len(text)."""
    run = end = len(text)
    while end > floor:
        start = text.rfind("\n", floor, end) + 1 or floor
        if end - start > _LONGEST:
            break
        line = text[start:end].strip()
        if line:
            if _is_boilerplate(line):
                run = start
            elif not _form.fullmatch(line.lower()):
                break
        end = start - 1
    if run == len(text):
        return run
    return floor + len(text[floor:run].rstrip())


def _is_plain(line: str) -> bool:
    return _plain.fullmatch(line.strip().lower()) is not None


def _is_boilerplate(line: str) -> bool:
    line = line.lower()
    if _either.fullmatch(line):
        return True
    return line.rstrip(". ").endswith("all rights reserved") and len(line) < _NOTICE
