r"""Tables of the signs that people write: LaTeX commands, Unicode, words in several languages.

`COMMANDS` says for each LaTeX command what kind of token it is and what it means. A command that
stands in no table makes its statement unread: nothing is dropped that might mean something.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import dropwhile, takewhile

from backcalc.formulas.functions import FUNCTIONS
from backcalc.formulas.notation import GREEK


def words(text: str) -> frozenset[str]:
    """Return the words of a text as a set."""
    return frozenset(re.findall(r"\S+", text))


def _row(kind: str, names: str, text: str | None = None) -> dict[str, tuple[str, str]]:
    return {name: (kind, name if text is None else text) for name in names.split()}


COMMANDS: Mapping[str, tuple[str, str]] = {
    **_row("word", " ".join(GREEK)),
    **_row("word", "varepsilon", "epsilon") | _row("word", "vartheta", "theta"),
    **_row("word", "varphi", "phi") | _row("word", "ell", "L"),
    **_row("word", "Delta Theta Sigma Omega Phi nabla"),
    **_row("word", "exp log ln tanh max min sin cos cosh sech"),
    **_row("differential", "partial", "d"),
    **_row("sign", "cdot times ast star bullet centerdot odot circ", "*"),
    **_row("sign", "div", "/"),
    **_row("relation", "approx simeq cong approxeq doteq thickapprox thicksim sim", "≈"),
    **_row("relation", "doteqdot fallingdotseq risingdotseq", "≈"),
    **_row("relation", "equiv eq coloneq triangleq", "="),
    **_row("assign", "leftarrow gets longleftarrow coloneqq Leftarrow", ":="),
    **_row("stop", "Rightarrow implies Longrightarrow therefore because iff Leftrightarrow"),
    **_row("stop", "rightarrow to longrightarrow mapsto longmapsto", "->"),
    **_row("stop", "quad qquad hfill newline par hline toprule"),
    **_row("stop", "midrule bottomrule item square qed blacksquare"),
    **_row("compare", "le leq leqslant", "<="),
    **_row("compare", "ge geq geqslant", ">="),
    **_row("compare", "ne neq", "!="),
    **_row("colon", "colon", ":"),
    **_row("compare", "lt", "<"),
    **_row("compare", "gt", ">"),
    **_row("bar", "lvert rvert vert mid lVert rVert Vert |", "|"),
    **_row("open", "{ lbrace", "\\{"),
    **_row("close", "} rbrace", "\\}"),
    **_row("open", "lbrack", "["),
    **_row("close", "rbrack", "]"),
    **_row("fraction", "frac dfrac tfrac cfrac nicefrac sfrac"),
    **_row("over", "over"),
    **_row("root", "sqrt"),
    **_row("accent", "hat widehat", "hat"),
    **_row("accent", "bar overline", "bar"),
    **_row("accent", "tilde widetilde", "tilde") | _row("accent", "dot ddot breve check", "other"),
    **_row("angle", "langle rangle"),
    **_row("prime", "prime", "'"),
    **_row("transpose", "top intercal"),
    **_row("percent", "%"),
    **_row("digits", "dots ldots cdots dotsc"),
    **_row("wrap", "mathrm mathbf boldsymbol bm mathit mathcal mathscr mathsf mathbb mathtt vec"),
    **_row("wrap", "operatorname operatorname* boxed fbox underline cancel bcancel xcancel mathop"),
    **_row("wrap", "ensuremath bold mathnormal pmb num mathfrak rm bf it cal"),
    **_row("wrap", "alert structure uncover visible only onslide"),
    **_row("space", ", ; : ! > left right big Big bigg Bigg bigl bigr Bigl Bigr biggl biggr"),
    **_row("space", "Biggl Biggr bigm displaystyle textstyle limits nolimits nonumber notag"),
    **_row("space", "strut mathstrut centering noindent small large scriptstyle null / allowbreak"),
    **_row("space", "checkmark"),
    **_row("space", "mathclose mathopen mathbin mathrel raggedright arraybackslash endhead"),
    **_row("text", "text textrm textnormal textbf textit textsf texttt mbox hbox emph textup"),
    **_row("text", "intertext shortintertext"),
}  # fmt: skip
"""The kind and the meaning of each LaTeX command that is read."""

DROPPED: Mapping[str, int] = {
    "hspace": 1, "vspace": 1, "label": 1, "tag": 1, "color": 1, "phantom": 1, "hphantom": 1,
    "vphantom": 1, "rule": 2, "includegraphics": 1, "ref": 1, "eqref": 1, "cite": 1, "footnote": 1,
    "renewcommand": 2, "setlength": 2, "input": 1, "include": 1, "usepackage": 1,
    "documentclass": 1, "write": 1, "href": 1, "url": 1, "needspace": 1, "backcalcneed": 1,
    "pause": 0,
}  # fmt: skip
"""Commands that say nothing of a quantity, with the number of their arguments."""

LABELLED: Mapping[str, int] = {"underbrace": 0, "overbrace": 0, "textcolor": 1, "colorbox": 1}
"""Commands around a formula, with the number of arguments before it; `_{...}` behind is a label."""

LAYOUT = words(
    "align alignat aligned alignedat gather gathered eqnarray equation split multline displaymath "
    "math flalign IEEEeqnarray dmath"
)
"""Environments that only set lines below each other."""
PROSE = words(
    "verbatim itemize enumerate center proof solution quote figure table theorem remark document "
    "description lstlisting minipage flushleft tcolorbox framed answer exercise example"
)
"""Environments of text."""
MATRICES = words("matrix pmatrix bmatrix Bmatrix smallmatrix array")
"""Environments that hold an array."""
CHOICES = frozenset({"cases", "dcases", "rcases"})
"""Environments that hold a formula in pieces."""

UNICODE: Mapping[str, str] = {
    "−": "-", "–": "-", "‐": "-", "‑": "-", "＝": "=",
    "·": "·", "⋅": "·", "∙": "·", "•": "·", "×": "*", "∗": "*", "⁎": "*", "⊙": "*", "∘": "*",
    "÷": "/", "⁄": "/", "∕": "/", "≈": "≈", "≃": "≈", "≅": "≈", "≐": "≈", "∼": "≈", "≡": "=",
    "←": ":=", "≔": ":=", "⇐": ":=", "⇒": "⇒", "→": "->", "⟹": "⇒", "∴": "⇒", "⟶": "->", "↦": "->",
    "➡": "⇒", "👉": "⇒", "≒": "≈", "≓": "≈",
    "≤": "<=", "≥": ">=", "≠": "!=", "⩽": "<=", "⩾": ">=", "∂": "∂", "𝛛": "∂", "∇": "nabla ",
    "ℒ": "L", "ℓ": "L", "′": "'", "’": "'", "‘": "'", "ʹ": "'", "″": "''", "√": "√",
    "…": "...", "∥": "|", "‖": "|", "∣": "|", "∣∣": "|", "，": ", ", "；": ";", "：": ": ",
    "（": "(", "）": ")", "［": "[", "］": "]", "。": ". ", "、": ", ", "⟨": "[", "⟩": "]",
    "\N{NO-BREAK SPACE}": " ", "\N{NARROW NO-BREAK SPACE}": " ", "\N{THIN SPACE}": " ",
    "\N{IDEOGRAPHIC SPACE}": " ", "\N{FIGURE SPACE}": " ", "\N{ZERO WIDTH SPACE}": "",
    "\N{WORD JOINER}": "", "\N{ZERO WIDTH NO-BREAK SPACE}": "", "\N{INVISIBLE TIMES}": "*",
    "〖": "(", "〗": ")", "├": "", "┤": "", "▒": " ", "\N{INVISIBLE SEPARATOR}": ",",
    "\N{INVISIBLE PLUS}": "+", "\N{FUNCTION APPLICATION}": "", "\N{SOFT HYPHEN}": "",
    "\N{LEFT-TO-RIGHT MARK}": "",
}  # fmt: skip
"""Signs beyond ASCII as they are typed on a keyboard."""

LOW, HIGH = "₀₁₂₃₄₅₆₇₈₉₊₋₍₎", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾"
LOWERED = {**dict(zip(LOW, "0123456789+-()", strict=True)),
           **dict(zip("ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ", "aehijklmnoprstuvx", strict=True))}  # fmt: skip
RAISED = {**dict(zip(HIGH, "0123456789+-()", strict=True)), "ᵀ": "T", "ⁿ": "n",
          **dict(zip("ᵃᵉˡᵗᵘʷ", "aeltuw", strict=True))}  # fmt: skip
"""Digits and letters below and above the line."""

FUNCTION_NAMES: Mapping[str, str] = {
    **{name.replace("_", ""): name for name in FUNCTIONS},
    "ln": "log", "σ": "sigmoid", "sigma": "sigmoid", "sigm": "sigmoid", "sig": "sigmoid",
    "logistic": "sigmoid", "sgn": "sign", "lrelu": "leaky_relu", "th": "tanh", "lognat": "log",
    "id": "identity", "linear": "identity", "ramp": "relu", "tgh": "tanh", "tanhyp": "tanh",
    "sigmoide": "sigmoid", "sigmoïde": "sigmoid", "sigmoida": "sigmoid", "sen": "sin",
    "logsig": "sigmoid", "tansig": "tanh", "purelin": "identity", "poslin": "relu",
}  # fmt: skip
"""Functions of the table by the words that people use, small letters, without underscores."""

ACTIVATIONS = words("g f phi act activation psi h")
"""What people call a unit's activation function without saying which one it is."""

PASS_WORDS = """
en | new updated update upd next after again second plus t+1 k+1 n+1
   | old current start initial given t k n | before
de | neu neue neuer neues neuen nach nachher danach noch einmal nochmal nochmals erneut zweite
     zweiter zweites aktualisiert aktualisierte aktualisierten aktualisierung
   | alt alte alter altes alten anfang gegeben | vor vorher
fr | nouveau nouvelle nouveaux nouvelles nouv après apres mise jour deuxième
   | ancien ancienne anciens anciennes | avant
es | nuevo nueva nuevos nuevas después despues actualizado actualizada actualizados actualizadas
     segunda segundo | viejo vieja viejos viejas antiguo antigua antiguos | antes
it | aggiornamento nuovo nuova nuovi nuove dopo aggiornato aggiornata aggiornati aggiornate
   | vecchio vecchia vecchi vecchie |
pt | novo nova novos novas após atualizado atualizada atualizados atualizadas atualização
   | antigo antiga antigos antigas velho velha | antes
ca | nou noves actualitzat | antic vell | abans
ro | noua nouă noile după actualizat actualizată actualizate actualizare
   | vechi veche vechile | înainte inainte
nl | nieuw nieuwe bijgewerkt bijgewerkte tweede | oud oude | voor
sv | ny nya nytt efter uppdaterad uppdaterade uppdatering | gammal gammalt gamla | före innan
da | ny nye nyt opdateret opdaterede opdatering | gammel gamle | før
no | ny nye nytt etter oppdatert oppdaterte oppdatering | gammelt | før
fi | uusi uudet uusilla uusien uuden päivitetty päivitetyt päivitys päivityksen jälkeen
   | vanha vanhat | ennen
pl | nowy nowa nowe nowych nowym nowymi nowej nowego zaktualizowany zaktualizowana zaktualizowane
     zaktualizowanymi aktualizacji | stary stara stare starych starej | przed
cs | nový nová nové nových novým novými nového novy aktualizovaný aktualizované aktualizaci
   | starý stará staré starých původní | před
sk | novú aktualizácii | starú pôvodná pôvodný pôvodné |
hr | novi novim novih nakon poslije posle ažurirano ažurirani ažurirane ažuriranja
   | stari staro | prije
hu | új újak frissített frissítés után | régi régiek | előtt
tr | yeni güncel güncellenmiş güncellenen güncelleme güncellemeden | eski | önce
el | νέο νέα νέος νέες νέοι νέων νέους ενημερωμένα ενημέρωση
   | παλιό παλιά παλιός παλιές παλαιό παλαιά παλιών | πριν
ru | новый новая новое новые новых новыми новым нового новой после обновления обновлённые
     обновленные обновлённый обновленный | старый старая старое старые старых | до перед
uk | новий нове нові нових новими новим нового нової після оновлення оновлені
   | старий старе старі | перед
bg | нов нова ново нови новите обновени | стар стара старо стари | преди
id | baru setelah sesudah | lama | sebelum
vi | mới | cũ | trước
zh | 新 更新 更新后 更新後 再次 第二次 | 旧 舊 初始 | 更新前 之前
ja | 新しい | 古い | 更新前
ko | 새 새로운 갱신 갱신된 업데이트 업데이트된 | 기존 | 전
ar | جديد جديدة الجديد الجديدة التحديث | قديم قديمة القديم القديمة | قبل
he | חדש חדשה חדשים אחרי | ישן ישנה ישנים | לפני
"""
"""By language the words for new and after an update, for old, and for before it."""

_ROWS = [row.split("|") for row in re.split(r"\n(?=[a-z])", PASS_WORDS.strip())]
NEW = words(" ".join(new for _, new, _, _ in _ROWS))
"""Words that say that what follows comes after the update."""
AFTER = words("after nach après apres después despues dopo após etter depois efter после після")
ACTIVATING = words(
    "activation activations aktivierung activación attivazione ativação activatie aktivace "
    "aktiverung aktivering aktywacji активации активацией активації relu tanh sigmoid "
    "nonlinearity activating"
)
"""Words behind which after says nothing of the update: after the activation."""
EARLIER = words(" ".join(before for *_, before in _ROWS)) | {"prima"}
"""Words that say of an update that what follows comes before it; a prima behind w is a prime."""
OLD = words(" ".join(f"{old} {before}" for _, _, old, before in _ROWS))
"""Words that say that it comes before the update."""
NEW_ALONE = words(
    "po na ny sonra sau stało стало стала utána depois després μετά след بعد 이후 후 后 後"
)
"""Words that say new only alone at the head of a column, or beside one that means a pass."""
OLD_ALONE = words(
    "prima previous prev vorherig vorherige précédent anterior precedente vorige előtte előző "
    "önceki poprzednia poprzedni předchozí прежний прежнее było bylo była было була було 이전 前"
)
"""Words there that say old."""

GRADIENT = words(
    "gradient gradients gradienten gradiente gradienti grad grads derivative derivatives ableitung "
    "ableitungen dérivée dérivées derivee derivada derivadas derivata derivatan partial slope "
    "slopes dl pochodna pochodne derivace derivácia afgeleide afgeleiden afledte deriverte "
    "derivált derivată derivaatta gradientti gradiens gradyan türev izvod turunan 勾配 梯度 导数 "
    "導数 微分 기울기 그래디언트 미분 градиент градиенты градієнт градієнти производная "
    "производные похідна похідні παράγωγος παράγωγοι κλίση"
)
"""Words that say that the numbers are derivatives of the loss."""

DESCENT = words("step descent schritt abstieg descente descenso discesa paso 下降")
"""Words behind which a gradient is no derivative: gradient descent."""

PASSES = words(
    "pass forward step iteration epoch round values weights iterate update durchlauf durchgang "
    "schritt vorwärts vorwärtslauf runde passe passage propagation étape pasada paso pasa passo "
    "passata iterazione itération iteración epoche époque 次 krok kroku krokiem krokem kroky stap "
    "steg steget trin skridt askel askeleen askeleen lépés adım adımdan pas pasul pasului korak "
    "koraka шаг шага крок кроку стъпка βήμα βήματος langkah bước 步 ステップ 단계 خطوة צעד"
)
"""Words beside which an ordinal speaks of another pass, and not of the next line or unit."""
FILLING = words(
    "the a one first dem der den einem einer ersten la le un une el l premier il lo una"
)
"""Words between one that says new and one of these: after the first step."""
ORDINALS = words(
    "next second zweite zweiter zweites deuxième segunda segundo seconda secondo tweede"
)
"""Words that say new only beside one of these."""

HALF_PASSES = words("forward backward vorwärts vorwärtslauf rückwärts adelante atrás avant arrière")
"""Words that say of a pass that it is no whole one."""
STEPS_OF_WORK = words("step schritt étape paso passo stap steg krok шаг крок")
"""Those of them that may mean a step of the calculation: in the next step."""
LEARNING = words("learning training lernen lernschritt trainingsschritt")
"""Words behind after that mean an update as well."""

AGAIN = words(
    "summary overview result results zusammenfassung ergebnis ergebnisse übersicht résumé resume "
    "resumen riassunto 小结 总结 итог check recap recall recalled recalling remember erinnern "
    "erinnere rappelons rappelez recordemos recuerda recordando ricordiamo ricorda lembre"
)
"""Words that say that what follows was said before."""
CHECKS = words("check")
"""Those of them behind which new figures may stand as well: check that it helped."""

LEAD_INS = words(
    "the a an our its my der die das den le la les l el los il lo gli learning so thus then hence "
    "and also now here we get have find obtain is with where for therefore define way similarly "
    "likewise analogously ebenso analog are sind sont son sono ie dh this gives yields that first "
    "next finally let note output loss result results compute computing und dann also damit nun "
    "jetzt ist gilt folgt somit daher wir erhalten hier mit für wo ergibt et donc alors on a "
    "obtient ainsi avec où est soit y entonces luego tenemos con e quindi allora abbiamo dunque "
    "poi dus hieruit därför alltså således ha hanno ottiene ottengono calcola trova ricava since "
    "as because from weil da car puisque using en porque ya que perché poiché omdat want bo "
    "ponieważ gdyż protože eftersom fordi çünkü так как потому что бо mert επειδή deoarece jer "
    "因此 所以 则 得 得到 有 即 и тогда отсюда"
)
"""Words before a statement that do not change what it says."""
THUS = words(
    "so thus hence therefore donc ainsi somit daher damit folglich así entonces quindi dunque logo "
    "portanto assim dus således alltså więc zatem takže takze tehát поэтому значит следовательно"
)
"""Those of them, and others, that say that what follows comes of what stands before."""

VERBS = words(
    "is was ist war est es è é equals becomes beträgt vaut vale is: wynosi 是 为 等于 は が 은 는 "
    "равен равна равно дорівнює är er bedraagt wird devient diventa wordt 变为 gleich égal égale "
    "igual uguale vychází vyšlo wyszło blir"
)
"""Words between a name and its number that are an equals sign."""

BECOMES = words("becomes wird devient diventa wordt blir 变为")
"""Those of them behind which a weight is new."""
CHANGES = (
    "goes to", "changes to", "is updated to", "updates to", "turns into", "moves to", "wird zu",
    "ändert sich zu", "ändert sich auf", "geht über in", "wird aktualisiert auf", "passe à",
    "pasa a", "pasa a ser", "cambia a", "se convierte en", "se vuelve", "passa a", "passa a ser",
    "cambia in", "muda para", "torna-se", "gaat naar", "verandert in", "ändras till", "bliver",
    "ændres til", "endres til", "muuttuu", "staje się", "zmienia się na", "se změní na",
    "se zmení na", "bude nově", "становится", "меняется на", "стає", "змінюється на", "postaje",
    "става", "devine", "se schimbă în", "lesz", "olur", "menjadi", "变成", "成为", "现在是",
    "drops to", "falls to", "rises to", "grows to", "shrinks to", "increases to", "decreases to",
    "sinkt auf", "fällt auf", "steigt auf", "descend à", "baja a", "sube a",
    "is now", "now is", "will be", "gets updated to", "ist jetzt", "ist nun", "beträgt nun",
    "est maintenant", "vaut maintenant", "es ahora", "ahora es", "vale ahora", "ahora vale",
    "queda", "queda en", "è ora", "ora è", "vale ora", "é agora", "agora é", "fica igual a", "fica",
    "is nu", "är nu", "er nå", "er nu", "on nyt", "wynosi teraz", "teraz wynosi", "będzie",
    "je teď", "je nyní", "je teraz", "bude", "станет", "теперь", "стане", "тепер", "şimdi",
)  # fmt: skip
"""Words in several languages that say what becomes does."""

COMES = (
    "(?:comes?|came) (?:out )?(?:as|to be|to|at)",
    "work(?:s|ed)? out (?:as|to be|to|at)",
    "turn(?:s|ed)? out to be",
    "evaluate[sd]? to",
    "amounts? to",
    "to be",
    "rounds (?:off )?to",
    "(?:is|was) (?:computed|calculated|found|given|evaluated) (?:as|to be|by|to)",
    "(?:has|had|takes|took) (?:on )?(?:the |a )?value(?: of)?",
    "ergibt sich(?: zu| als)?",
    "kommt auf",
    "ergibt",
    "ist gleich",
    "hat den wert",
    "berechnet sich (?:zu|als)",
    "vaut donc",
    "est égale? à",
    "prend la valeur",
    "a pour valeur",
    "es igual a",
    "tiene (?:el|un) valor(?: de)?",
    "toma el valor",
    "è uguale a",
    "ha valore",
    "é igual a",
    "tem valor",
    "is gelijk aan",
    "resulta(?: ser)?",
    "risulta",
    "dá",
    "wynosi więc",
    "vychází",
    "получается",
    "равняется",
    "дорівнює",
)
"""Words in several languages that say what is does."""

SETTING = words("update updated updating change changed changing set adjust adjusted setze setzen")
"""Words before a weight and the to behind it that give it a new value."""
GETTING = words(
    "get got gets have had obtain obtained find found erhalte erhalten bekomme obtient obtengo "
    "trovo ottengo"
)
"""Words before a number that is for the name behind it."""
FOR_ALONE = words("for für pour para per")
"""Words between them."""
GIVING = words("gives outputs yields")
"""Words between a unit's weighted sum and what it puts out: z3 = 1.1 and gives 0.75."""
AND_WORDS = words("and und et y e")
"""Words before the last one of a list."""
AND = ("and", "and it", "which", "so it", "and so it")
"""What stands before them."""
PRONOUNS = words("it es il elle")
"""Words between a name and such a verb that only repeat the name."""

BY = ("with respect to", "w r t", "wrt", "par rapport à", "respecto a", "rispetto a", "bezüglich")
"""Words behind a derivative that say by what it is taken."""
BY_ALONE = words("by nach par por per по за po")
"""The same in one word: the derivative of L by w1, die Ableitung nach w1."""
OF_ALONE = words("of von für for de di")
"""Words behind a gradient, which is of the loss: the gradient of w1."""
SCALING = words("multiply multiplied multiplying times divide divided dividing scaled scale")
"""Words that make of "by" another thing."""


ARTICLES = words("the der die das den dem le la el il lo")
"""Words between "with respect to" and a noun."""


def says_by(said: Sequence[str]) -> bool:
    """Return true if the name behind some words is what the loss is differentiated by."""
    *before, last = [*said] or [""]
    while before and last in ARTICLES:
        *before, last = before
    said = [*before, last]
    if last in OF_ALONE:
        return bool(before) and before[-1].startswith("grad")
    if last not in BY_ALONE | {"at"}:
        return " ".join(said).endswith(BY)
    between = OF_ALONE | LEAD_INS | NOUNS["loss"]
    of = [*takewhile(lambda w: w in between or len(w) < 3, reversed(before))]
    noun = before[-len(of) - 1 : len(before) - len(of)]
    of_loss = OF_ALONE.intersection(of) and SCALING.isdisjoint(before)
    by = bool(of_loss) or last in ("at", "nach", "по", "за", "po")
    return by and not GRADIENT.isdisjoint(noun)


def saying(words: Sequence[str]) -> str:
    """What words say of the statements after them: new, gradient, again or nothing."""
    heard = {word.casefold() for word in words if len(word) > 2 or not word.isascii()}
    heard -= GRADIENT if heard & DESCENT else set()
    low = [word.casefold() for word in words]
    for place, word in enumerate(low):
        of = [*dropwhile(FILLING.__contains__, low[place + 1 : place + 4])][:1]
        heard -= {word} if word in AFTER and ACTIVATING & {*of} else set()
    heard -= set() if heard & PASSES else ORDINALS
    found = [
        said for said, known in (("new", NEW), ("gradient", GRADIENT), ("again", AGAIN - CHECKS))
        if heard & known
    ]  # fmt: skip
    return found[0] if len(found) == 1 and not (found[0] == "new" and heard & EARLIER) else ""


def says_later(words: Sequence[str]) -> bool:
    """Return true if a clause is of the time behind the update: after one step, as a new pass."""
    heard = {word.casefold() for word in words}
    if saying(words) != "new" or heard & NEW - AFTER - ORDINALS:
        return saying(words) == "new"
    if heard & ORDINALS:
        return bool(heard & AFTER) or heard.isdisjoint(STEPS_OF_WORK)
    return not heard.isdisjoint(PASSES | LEARNING) and heard.isdisjoint(HALF_PASSES)


ALSO = words(
    "also then again just simply exactly now equal to zu auch dann wieder genau aussi también "
    "anche somit damit thus therefore donc alors à simply simplement einfach simplemente aussi "
    "semplicemente simplesmente просто теперь тепер nun jetzt maintenant ora ahora agora nu nå "
    "de равен равно равна равным равной about roughly approximately approx around circa ca etwa "
    "ungefähr rund environ aproximadamente unos circa około přibližně примерно ongeveer ungefär"
)
"""Words between such a verb and the number."""

SAME = ALSO | words(
    "same as like identical still ie dh gleich wie dasselbe derselbe dieselbe wieder erneut même "
    "comme mismo igual stesso come idem"
)
"""Words between two signs of a chain, or behind its first one, that change nothing."""
THERE = words("the above before oben que le la lo di")
"""Words beside them: the same as above."""
THAT_IS = words("ie dh")
"""Those of them before a result."""

RESIDUALS = words("e err error diff resid residual res fehler abweichung erreur errore erro")
"""Names for the difference of an output and its target, some of which may be the loss's too."""
ERROR_WORDS = words(
    "error fehler gesamtfehler erreur errore erro fout fejl błąd chyba hata ошибка 误差 总误差 "
    "誤差 総誤差 오차"
)
"""Words for the loss that may mean such a difference as well."""
NOUNS: Mapping[str, frozenset[str]] = {
    "loss": ERROR_WORDS
    | words(
        "loss cost verlust gesamtverlust kosten perte coût pérdida coste costo perdita perda custo "
        "verlies förlust strata ztráta kayıp потеря 损失 損失 손실"
    ),
    "output": words(
        "output prediction ausgabe ausgang vorhersage sortie prédiction salida predicción uscita "
        "saída uitvoer"
    ),
    "input": words("input eingabe eingang entrée entrada ingresso"),
    "weight": words(
        "weight weights gewicht gewichte poids peso pesos pesi váha váhy waga wagi vikt вес веса"
    ),
    "bias": words("bias biases biais sesgo"),
    "activation": words(
        "activation aktivierung activación attivazione wyjście выход 输出 probability"
    ),
    "pre-activation": words(
        "preactivation sum summe somme suma somma net netto nette neta netta netinput netzeingabe "
        "pobudzenie 净输入 вход score logit"
    ),
}
"""Words that say of which kind the quantity behind them is."""
LAYERS = words("layer schicht ebene couche capa camada strato")
NEURONS = words(
    "unit units node nodes neuron neurons neurone einheit knoten unité nœud unidad neurona nodo "
    "neurône unità neurônio unidade eenheid knoop enhet nod jednostka węzeł uzel birim düğüm nöron "
    "узел нейрон 单元 节点 神经元 ユニット ノード ニューロン 유닛 노드 뉴런"
)
"""Words for one unit of a network."""
HIDDEN = words(
    "hidden versteckt versteckte versteckten verstecktes verdeckt verdeckte verdeckten verdecktes "
    "verborgen cachée caché oculta oculto nascosto nascosta verborgene"
)
"""Words for a unit that is neither input nor output."""

REMARKS = words(
    "comment comments remark remarks note notes why reason explanation bemerkung kommentar "
    "begründung erklärung anmerkung remarque commentaire pourquoi comentario nota commento "
    "uwaga uwagi 备注 说明 комментарий"
)
"""Words above a column that only comments."""

SCALES = words("in unit units times multiples by mal einheiten en unités unidades unità × x")
"""Words before a power of ten in which the figures are given."""

RESULTS = words("result ergebnis résultat resultado risultato resultaat wynik 结果")
"""Words before the result of the quantity that stands above."""

CONDITIONS = words("if when for falls wenn si für pour cuando se 若 当 where whenever")
"""Words before the condition of a case."""
OTHERWISE = words(
    "else otherwise sonst ansonsten sinon si_no else. altrimenti otherwise. 否则 其他 иначе "
    "elsewhere"
)
"""Words for the last case."""
