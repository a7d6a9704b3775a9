"""Words that a sentence may begin with and that a name list is sure to hold as well.

There are towns called Of, Are, Most and Date, and brands called It. A name spelt like one of
these words is taken for a name only in its own capitals: US, never Us. Folded forms.
"""

from __future__ import annotations

_ENGLISH = """
a about above across after again against all almost along already also although always am among
an and another any anyone anything are around as asked at away back be became because become been
before behind being below best better between big both but by call came can come could day days
did do does done down during each early either else end enough even ever every everyone everything
fact far few first five for four from full further gave get give given go going good got great had
half has have having he her here hers herself high him himself his hope how however i if in inside
instead into is it its itself just keep kept know known large last late later latest least leave
led left less let life like likely little live local long look lot made main make man many may
maybe me mean men might mine more most much must my myself near nearly need never new next nice no
nobody none nor not nothing now of off often old on once one only onto open or other others our
ours ourselves out outside over own part people per perhaps place police put quite rather ready
real really reading right round said same saw say says second see seem seen several shall she
should show side since six small so some someone something soon still stop such sure take taken
tell ten than thank thanks that the their theirs them themselves then there therefore these they
thing things this those though three through throughout thus time to today together told tomorrow
too took top toward towards two under unless until up upon us use used using very via want was way
we well went were what whatever when where whether which while white who whoever whole whom whose
why will with within without woman women word words work world would year years yes yesterday yet
you young your yours yourself
january february march april may june july august september october november december
jan feb mar apr jun jul aug sep sept oct nov dec
monday tuesday wednesday thursday friday saturday sunday mon tue wed thu fri sat sun
"""

_CYRILLIC = """
а або але без би был была были было бути був була були было быть в вам вас ваш ведь весь во вот все
всі всё вы ви где да де для до его ее если есть еще ещё є ж же за здесь и из или им их і із його
к как когда коли кто кто-то ли лише мы ми мне мой мій на над наш не нет нею ни но о об однако он
она они оно от отже по под поки после потом при про с сам сегодня свой се себе сейчас со так такой
також там те тем то того той только тут ты ти у уже хто хотя це цей через чи что чтобы што що
щоб это этот эта эти я як який якщо
"""

_OTHER = """
aber alle als am an auf aus bei bin bis da das dass dem den der des die dies doch du ein eine er es
fur hat ich ihr im in ist ja kein man mein mit nach nicht noch nun nur oder sein sich sie sind so
uber um und uns von vor war was wenn wer wie wir wird zu zum zur
au aux avec ce ces cette chez dans de des du elle en est et eux il ils je la le les leur lui ma
mais mes mon ne nos nous on ou par pas plus pour qu que qui sa sans se ses si son sont sur ta te
tes toi ton tu un une vos votre vous
al como con cual del desde donde el ella ellos era esta este fue ha han hay la las lo los mas mi
muy para pero por porque puede sin sobre su sus tal tan un una uno y ya
e da do dos em na nas nos no os para pelo por que se um uma che chi ci gli il nel non per piu se
sono sua sul una
"""

_SCANDINAVIAN = """
alla allt andra att av blev blir bli bara da dar de dem den denna dess det detta dig din dock du
efter ej eller en er ett fick finns for fore fran genom ha hade han har hela hennes hon honom hur
i icke igen in inte ja jag kan kom kunde man med medan mellan men mera mig min mot mycket nagon
nagot nar nu och ock om oss pa redan sa samma samt se sedan sig sin sina sitt ska skall skulle som
stor till tva under upp ut utan vad var vara varit vi vid vilka vilken vill ar an
"""

_ACCENTED = """
für über können könnte müssen während würde wäre früher später
à ça dès déjà elle été être là même mêmes où près très après voilà
él está están más qué sí también tú cómo cuándo dónde así
è già più né perché però così può
à é há já não são também até só
är än även från före för då där får går här låt måste må någon något når nå nästa också på så
sådan två under våra år å ä ö över
być będzie już więc się są też może również
"""

COMMON_WORDS = frozenset((_ENGLISH + _CYRILLIC + _OTHER + _SCANDINAVIAN + _ACCENTED).split())
"""Function words, and words that head many a sentence, of the languages of our first users.

Each without its accents; those of which a name may differ by its accents alone, with them too.
"""

_PARTICLES = """
al bin d da das de del dem den der des di do dos du el la las le los ter van von zu zum zur
"""

NAME_PARTICLES = frozenset(_PARTICLES.split())
"""Small words that names begin with: von der Leyen, al-Qaeda, de Gaulle."""
