"""Kinds of writing that were met on sheets seen for the first time: read, or listed; never lost."""

from __future__ import annotations

import json

import pytest
from conftest import marking

from backcalc.checking.report import Marking, check
from backcalc.errors import BackcalcError
from backcalc.formulas.notation import formula_text, phrase_text
from backcalc.loading.loader import load, loads
from backcalc.reading import Reading, read

OWN = (
    "A and B are the outputs of the two hidden neurons, P and Q are the outputs of the\nnetwork, "
    "sA, sB, sP, sQ the sums before the sigmoid. dP means the derivative of the error by sP, same "
    "for dQ, dA.\n\n"
)
"""Names that a sheet gives to several quantities at once."""

LATER = (
    "z1 = 0.25\nh1 = 0.25\ndL/dw2 = 0.25\n\n## Update\nw1 = 0.25\nw2 = 0.25\n\n## Second pass\n"
    "z1 = 0.1\nh1 = 0.1\nyhat = 0.2\n\n## Discussion\n"
)
"""A sheet of two passes."""

READ: list[tuple[str, str, str, dict[str, str]]] = [
    # a letter told by the numbers that are put in, a figure made anew, slopes as formulas
    ("hagan", "a.md", ("z1 = -0.75\nh1 = logsig(-0.75) = 0.3208\nz2 = -0.54\n"
     "h2 = logsig(-0.54) = 0.3682\nF = (t - a)^2\n\na = 0.09*0.3208 - 0.17*0.3682 + 0.48 = 0.4463\n"
     "F = (1.7071 - 0.4463)^2 = 1.5896\ndF/da = -2.5216"),
     {"z1": "-0.75", "h1": "0.3208", "z2": "-0.54", "h2": "0.3682", "yhat": "0.4463",
      "L": "1.5896", "dL/dyhat": "-2.5216"}),
    ("hagan", "a.md", "a = 0.09*0.4 - 0.17*0.2 + 0.5 = 0.4463", {}),  # other numbers
    ("hagan", "a.md", "z1 = -0.27 - 0.48 = 0.75\nStop, both are negative. Correct is\nz1 = -0.75",
     {"z1": "-0.75"}),
    ("hagan", "a.md", "h1(1 - h1) = 0.3208*0.6792 = 0.2179", {"dh1/dz1": "0.2179"}),
    ("hagan", "a.md", "h1(1 - h1) = 0.3208*0.6792 = 0.5", {}),
    ("gated_unit", "a.md", "$\\sigma'(z) = g(1 - g) = 0.2475$", {"dg/dz": "0.2475"}),
    ("animal_scores", "a.txt", "dl1/da1 = 1   (2.88 > 0)\ndl2/da2 = 0",
     {"dl1/da1": "1", "dl2/da2": "0"}),
    ("animal_scores", "a.txt", "dl1/da1 = 1   (2.88 < 0)", {}),
    # numbers of steps above every name, and in the first column
    ("adam", "a.md", "$x^{(0)} = 1$\n\n$m_x^{(1)} = 0.3$, $x^{(1)} = 0.9$, $f^{(1)} = 3.02$",
     {"m_x'": "0.3", "x'": "0.9", "f'": "3.02"}),
    ("adam", "a.md", "$x^{(0)} = 2$\n\n$f^{(1)} = 3.02$", {}),
    ("adam", "a.md", "| step | x | f |\n|---|---|---|\n| 0 | 1 | 3.5 |\n| 1 | 0.9 | 3.02 |",
     {"f": "3.5", "x'": "0.9", "f'": "3.02"}),
    # bold names with working between them
    ("mazur", "a.md", "1. **dL/dz3** = 0.7414 * 0.1868 = **0.1385**", {"dL/dz3": "0.1385"}),
    ("mazur", "a.md", "* **∂E/∂w1** ≈ 0.000365 → **w1** becomes **0.149818**",
     {"dL/dw1": "0.000365", "w1'": "0.149818"}),
    ("mazur", "a.txt", "w1 becomes 0.149818", {"w1'": "0.149818"}),
    # ranges of names, and what Python prints
    ("mazur", "a.txt", "dL/dw1 .. dL/dw3 = 0.0005, 0.0009, 0.0006",
     {"dL/dw1": "0.0005", "dL/dw2": "0.0009", "dL/dw3": "0.0006"}),
    ("mazur", "a.txt", "w_1', ..., w_3' = 0.1498, 0.1996, 0.2498",
     {"w1'": "0.1498", "w2'": "0.1996", "w3'": "0.2498"}),
    ("mazur", "a.txt", "dL/dw1 .. dL/dw4 = 0.0005, 0.0009", {}),
    ("mazur", "a.txt", "{'dL/dw1': 0.0004, \"dL/dw2\": np.float64(0.0009)}",
     {"dL/dw1": "0.0004", "dL/dw2": "0.0009"}),
    # sentences
    ("mazur", "a.txt", ("The first output neuron has z3 = 1.1059 and gives 0.7514; the second has "
     "z4 = 1.2249 and gives 0.7729."),
     {"z3": "1.1059", "yhat1": "0.7514", "z4": "1.2249", "yhat2": "0.7729"}),
    ("mazur", "a.txt", "The delta of output neuron 1 is 0.1385, that of output neuron 2 is -0.04.",
     {"dL/dz3": "0.1385", "dL/dz4": "-0.04"}),
    ("mazur", "a.txt", "The derivative with respect to w5 is 0.082, with respect to w6 it is 0.08.",
     {"dL/dw5": "0.082", "dL/dw6": "0.08"}),
    ("mazur", "a.txt", "dL/dw1 = 0.0004\nAfter one step w1 = 0.1478, w2 = 0.1996.",
     {"dL/dw1": "0.0004", "w1'": "0.1478", "w2'": "0.1996"}),
    ("mazur", "a.txt", ("z1 comes out as 0.37 and so h1 = 0.5915 after the sigmoid, and z2 comes "
     "to 0.39."), {"z1": "0.37", "h1": "0.5915", "z2": "0.39"}),
    ("mazur", "a.md", "$z_1$ ergibt sich zu $0.37$, also $h_1 = 0.5915$.",
     {"z1": "0.37", "h1": "0.5915"}),
    ("mazur", "a.txt", "z1 is 0.15*0.05 + 0.2*0.1 + 0.35 = 0.3775, h1 equals sigmoid(z1) = 0.59",
     {"z1": "0.3775", "h1": "0.59"}),
    ("mazur", "a.txt", "The loss is then 0.2748 + 0.0236 = 0.2984", {"L": "0.2984"}),
    ("mazur", "a.txt", "The net input of h1 is w1 i1 + w2 i2 + b1 = 0.3775", {"z1": "0.3775"}),
    ("mazur", "a.txt", "the input to h1 is z1 = 0.3775", {"z1": "0.3775"}),
    ("mazur", "a.txt", "z1 получается 0,15*0,05 + 0,2*0,1 + 0,35 = 0,3775", {"z1": "0.3775"}),
    ("mazur", "a.txt", "w5 is 0.4 - 0.5*0.0822 = 0.3589", {"w5'": "0.3589"}),
    ("mazur", "a.txt", "z1 is now 0.3775. Later the loss is now 0.291",
     {"z1": "0.3775", "L'": "0.291"}),
    ("mazur", "a.txt", "L is 0.2984.\n\nThen the step. L is now 0.285",
     {"L": "0.2984", "L'": "0.285"}),
    ("mazur", "a.txt", "After one step, w5 = 0.3589 and w6 = 0.4087",
     {"w5'": "0.3589", "w6'": "0.4087"}),
    ("mazur", "a.txt", "After the step, the loss is 0.291", {"L'": "0.291"}),
    ("mazur", "a.txt", "With the new weights, L = 0.291", {"L'": "0.291"}),
    ("mazur", "a.txt", "In the second iteration, L = 0.291", {"L'": "0.291"}),
    ("mazur", "a.txt", "After the forward pass, L = 0.2984", {"L": "0.2984"}),
    ("mazur", "a.txt", "In the next step, h1 = 0.59327. After that, z3 = 1.1059",
     {"h1": "0.59327", "z3": "1.1059"}),
    ("mazur", "a.txt", "z1 has the value 0.3775. I got h1 to be 0.59. z3 came out at 1.1059",
     {"z1": "0.3775", "h1": "0.59", "z3": "1.1059"}),
    ("mazur", "a.txt", "We get 0.3775 for z1, and the first hidden neuron outputs 0.59327",
     {"z1": "0.3775", "h1": "0.59327"}),
    ("mazur", "a.txt", "z1 is 0.15*0.05 + 0.2*0.1 + 0.35, which is 0.3775", {"z1": "0.3775"}),
    ("mazur", "a.txt", "z1 = 0.3775, which gives 0.59327 after the sigmoid", {"z1": "0.3775"}),
    ("mazur", "a.txt", "w5 gradient: 0.7414*0.1868*0.5933 = 0.0822", {"dL/dw5": "0.0822"}),
    ("mazur", "a.txt", "Update w5 to 0.3589. w6 drops to 0.4087",
     {"w5'": "0.3589", "w6'": "0.4087"}),
    ("mazur", "a.txt", "Hidden unit 1: net 0.3775, out 0.59327", {"z1": "0.3775", "h1": "0.59327"}),
    ("mazur", "a.md", "| |h1|h2|o1|\n|---|---|---|---|\n|z|0.38|0.39|1.11|\n|h|0.59|0.6|0.75|",
     {"z1": "0.38", "z2": "0.39", "z3": "1.11", "h1": "0.59", "h2": "0.6", "yhat1": "0.75"}),
    # words behind a name or its number that tell of the time after the step
    ("mazur", "a.txt", "w5 (after 1 step) = 0.3589\nw6 [new] = 0.4087",
     {"w5'": "0.3589", "w6'": "0.4087"}),
    ("mazur", "a.txt", "w5 = 0.3589 (new), w6 = 0.4087 after the update.",
     {"w5'": "0.3589", "w6'": "0.4087"}),
    ("mazur", "a.txt", "w5 after the update is 0.3589\nw6 = 0.4087 (was 0.45)",
     {"w5'": "0.3589", "w6'": "0.4087"}),
    ("mazur", "a.txt", "w6 = 0.4087 (was 0.3)\nz1 = 0.3775 after the update", {"z1": "0.3775"}),
    ("mazur", "a.txt", "w5 was 0.4 and is now 0.3589\nw6 0.45 -> 0.4087",
     {"w5'": "0.3589", "w6'": "0.4087"}),
    ("mazur", "a.txt", "w5: old 0.4, new 0.3589\nUpdating w6 gives 0.4087",
     {"w5'": "0.3589", "w6'": "0.4087"}),
    ("mazur", "a.txt", "The loss was 0.2984 before the step and is 0.291 after it",
     {"L": "0.2984", "L'": "0.291"}),
    ("mazur", "a.txt", "After the update the loss is L = 0.291", {"L'": "0.291"}),
    ("mazur", "a.txt", "After one step the output is yhat1 = 0.742 and the loss is E = 0.291",
     {"yhat1'": "0.742", "L'": "0.291"}),
    ("mazur", "a.txt", "The output is now yhat1 = 0.742\nDer neue Fehler ist L = 0.291",
     {"yhat1'": "0.742", "L'": "0.291"}),
    ("mazur", "a.txt", "The loss is L = 0.2984\nAfter the sigmoid the output is h1 = 0.5933",
     {"L": "0.2984", "h1": "0.5933"}),
    ("mazur", "a.txt", "In the next step the output is yhat1 = 0.7514", {"yhat1": "0.7514"}),
    ("mazur", "a.txt", "z1 is 0.3775. sigmoid(0.3775) = 0.59", {"z1": "0.3775", "h1": "0.59"}),
    # several names or units on one line
    ("mazur", "a.txt", "h1: z = 0.3775, a = 0.59; h2: z = 0.3925, a = 0.6",
     {"z1": "0.3775", "h1": "0.59", "z2": "0.3925", "h2": "0.6"}),
    ("mazur", "a.txt", "The first output neuron has net 1.1059 and out 0.7514",
     {"z3": "1.1059", "yhat1": "0.7514"}),
    ("mazur", "a.txt", "The weighted sum of h1 is 0.3775 and its output is 0.59",
     {"z1": "0.3775", "h1": "0.59"}),
    ("mazur", "a.txt", "z1 and z2 come out as 0.3775 and 0.3925.",
     {"z1": "0.3775", "z2": "0.3925"}),
    ("mazur", "a.txt", "z1 and z2 come out as 0.3775", {}),
    ("mazur", "a.txt", "(1) z1 = 0.3775 (2) h1 = 0.59 (3) z2 = 0.3925",
     {"z1": "0.3775", "h1": "0.59", "z2": "0.3925"}),
    ("mazur", "a.txt", "z1 = 0.3775. h1 = 0.5933.", {"z1": "0.3775", "h1": "0.5933"}),
    ("mazur", "a.txt", "For z1 I get 0.3775. For h1 we have 0.59", {"z1": "0.3775", "h1": "0.59"}),
    ("mazur", "a.txt", "new weights: w5 0.3589, w6 0.4087\ngradients: w5 0.0822, w6 0.0827",
     {"w5'": "0.3589", "w6'": "0.4087", "dL/dw5": "0.0822", "dL/dw6": "0.0827"}),
    ("mazur", "a.txt", "net(h1) = 0.3775, out(h1) = 0.59, delta(o1) = 0.1385, grad(w5) = 0.0822",
     {"z1": "0.3775", "h1": "0.59", "dL/dz3": "0.1385", "dL/dw5": "0.0822"}),
    ("mazur", "a.txt", "z_h = [0.3775, 0.3925]\ndelta_o = [0.1385, -0.0381]",
     {"z1": "0.3775", "z2": "0.3925", "dL/dz3": "0.1385", "dL/dz4": "-0.0381"}),
    # remarks, and words between
    ("mazur", "a.txt", "z1 = 0.3775 -- ok\nh1 = 0.59 // rounded\nz2 = 0.3925 # good",
     {"z1": "0.3775", "h1": "0.59", "z2": "0.3925"}),
    ("mazur", "a.txt", "z1 is about 0.38, derivative of E w.r.t. w5 = 0.0822",
     {"z1": "0.38", "dL/dw5": "0.0822"}),
    # the whole of a layer or of a batch, and one of its samples or classes
    ("softmax", "a.txt", "The scores are 0.5, 0.6 and 0.1.\nprobs = [0.36, 0.4, 0.24]",
     {"z1": "0.5", "z2": "0.6", "z3": "0.1", "yhat1": "0.36", "yhat2": "0.4", "yhat3": "0.24"}),
    ("softmax", "a.txt", "class 1: z = 0.5, p = 0.36\nclass 2: score 0.6, probability 0.4",
     {"z1": "0.5", "yhat1": "0.36", "z2": "0.6", "yhat2": "0.4"}),
    ("xor", "a.txt", "z1 = [0.1, -0.3, 0.6, 0.2]\nlosses: 0.79, 0.69, 0.54, 0.77",
     {**{f"z1[{n}]": each for n, each in enumerate(("0.1", "-0.3", "0.6", "0.2"), 1)},
      **{f"L[{n}]": each for n, each in enumerate(("0.79", "0.69", "0.54", "0.77"), 1)}}),
    ("xor", "a.txt", "The loss of sample 2 is 0.69\n\nThe predictions are 0.5, 0.6, 0.7 and 0.8",
     {"L[2]": "0.69", "yhat[1]": "0.5", "yhat[2]": "0.6", "yhat[3]": "0.7", "yhat[4]": "0.8"}),
    ("rnn", "a.txt", "t=1: z = 0.6, h = 0.537; t=2: z = 0.7296, h = 0.6228\nAt t=3, z = -0.1017",
     {"z1": "0.6", "h1": "0.537", "z2": "0.7296", "h2": "0.6228", "z3": "-0.1017"}),
    ("rnn", "a.txt", "h(1) = 0.537, h(2) = 0.6228\nt=3: dh = -0.978, dz = -0.968",
     {"h1": "0.537", "h2": "0.6228", "dL/dh3": "-0.978", "dL/dz3": "-0.968"}),
    ("xor", "a.txt", "z1 = [0.1, -0.3, 0.6]\nThe predictions are 0.55 and 0.5", {}),
    ("mazur", "a.txt", "z1 = 0.3775\nsigmoid(0.3775) = 0.59\nsigmoid(0.5) = 0.62",
     {"z1": "0.3775", "h1": "0.59"}),
    # words of other languages
    ("mazur", "a.txt", "z1等于0.3775，h1为0.59。损失为0.2984。新的权重w5为0.3589",
     {"z1": "0.3775", "h1": "0.59", "L": "0.2984", "w5'": "0.3589"}),
    ("mazur", "a.txt", "z1は0.3775です\n総誤差は0.2984となる\nh1은 0.59이다",
     {"z1": "0.3775", "L": "0.2984", "h1": "0.59"}),
    ("mazur", "a.txt", "O novo peso w5 é 0,3589\nO erro é 0,2984",
     {"w5'": "0.3589", "L": "0.2984"}),
    ("mazur", "a.txt", "Die Netzeingabe des ersten verdeckten Neurons beträgt 0,3775.",
     {"z1": "0.3775"}),
    ("mazur", "a.txt", "Nach dem Update beträgt der Fehler 0,291.", {"L'": "0.291"}),
    ("mazur", "a.txt", "La sortie du premier neurone caché est 0,5933.", {"h1": "0.5933"}),
    ("mazur", "a.md", "Après un pas, l'erreur est 0,291.", {"L'": "0.291"}),
    ("mazur", "a.txt", "La entrada neta de la primera neurona oculta es 0,3775.", {"z1": "0.3775"}),
    ("mazur", "a.txt", "L'errore totale è 0,2984. L'uscita del primo neurone nascosto è 0,5933.",
     {"L": "0.2984", "h1": "0.5933"}),
    ("mazur", "a.txt", "Градиент по w5 равен 0,0822.", {"dL/dw5": "0.0822"}),
    ("mazur", "a.txt", "Błąd całkowity wynosi 0,2984.", {"L": "0.2984"}),
    # units side by side, and below each what is said of it
    ("mazur", "a.md", "| | h1 | o2 |\n|---|---|---|\n|net|0.3775|1.2249|\n|out|0.59|0.77|",
     {"z1": "0.3775", "z4": "1.2249", "h1": "0.59", "yhat2": "0.77"}),
    ("mazur", "a.md", "| | h1 | h2 |\n|---|---|---|\n|z|0.3775|0.3925|\n|δ|0.0088|0.01|",
     {"z1": "0.3775", "z2": "0.3925", "dL/dz1": "0.0088", "dL/dz2": "0.01"}),
    ("mazur", "a.md", "| | o1 | o2 |\n|---|---|---|\n| error | 0.2748 | 0.0236 |", {}),
    ("mazur", "a.txt", "w5^(t+1) = w5^(t) - 0.5*0.0822 = 0.3589\nw6^(new) = 0.4087",
     {"w5'": "0.3589", "w6'": "0.4087"}),
    ("mazur", "a.md", "w5 += -0.0411\nw6+= 0.4087", {"w5'": "0.4 - 0.0411", "w6'": "0.4087"}),
    ("mazur", "a.md", "z1 = 0.3775\nE'(w5) = 0.0822", {"z1": "0.3775"}),
    ("mazur", "a.md", "|step|w5|y1|\n|---|---|---|\n|0|0.4|0.7514|\n|1|0.3589|0.742|", {}),
    # to how many digits a figure is given
    ("mazur", "a.txt", "z1 = 0.378 (3 d.p.)\nh1 = 0.593 (3 dp)", {"z1": "0.378", "h1": "0.593"}),
    ("mazur", "a.md", "$z_1 = 0.378$ (to 3 d.p.) and $h_1 = 0.593 \\quad (3\\,s.f.)$",
     {"z1": "0.378", "h1": "0.593"}),
    # signs that say nothing of a figure
    ("mazur", "a.txt", "forgot b1! z1 = 0.3775", {"z1": "0.3775"}),
    ("mazur", "a.txt", "dL/dw5 = -\nw5' = 0.3589", {"w5'": "0.3589"}),
    ("skip", "a.tex", r"\( h_0 = \operatorname{sech}^2(0) \cosh(0)/2 = 0.5 \)", {"h0": "0.5"}),
    # words between two signs of a chain
    ("skip", "a.txt", "dL/dz2 = same as dL/dyhat = 1", {"dL/dz2": "1", "dL/dyhat": "1"}),
    ("skip", "a.md", r"$dL/dz_2 = \text{again } dL/d\hat y = 1$", {"dL/dz2": "1", "dL/dyhat": "1"}),
    ("skip", "a.txt", "dL/dw2 = 1*h1, i.e. = 0.25 and\ndL/dws = dL/dz2 * h0, d.h. 0.5",
     {"dL/dw2": "0.25", "dL/dws": "0.5"}),
    ("skip", "a.txt", "dL/dz2 = the same as above = 1", {"dL/dz2": "1"}),
    ("skip", "a.txt", "dL/dw2 = minus dL/dyhat = -1", {}),
    # own names in words
    ("mazur", "a.txt", OWN + "A = 0.5933\nsP = 1.1059\nP = 0.7514\ndP = 0.1385\ndA = 0.0180",
     {"h1": "0.5933", "z3": "1.1059", "yhat1": "0.7514", "dL/dz3": "0.1385", "dL/dz1": "0.018"}),
    ("mazur", "a.txt", "A, B and C are the outputs of the two hidden neurons.\n\nA = 0.5933", {}),
    # a spreadsheet, with a head or without, and a block with a title
    ("mazur", "a.csv", "quantity;value;remark\nz1;0,3775;\nw1 new;0,1498;",
     {"z1": "0.3775", "w1'": "0.1498"}),
    ("mazur", "a.csv", 'z1,"0,3775"\nh1,"0,5933"\nz2,"0,3925"',
     {"z1": "0.3775", "h1": "0.5933", "z2": "0.3925"}),
    ("skip", "a.txt", ("Forward pass\tformula\tvalue\nz0\tw0*x\t0.5\nh0\tz0\t0.5\n\nw0' = -0.25\n\n"
     "2nd forward pass (new weights)\tformula\tvalue\nz0\tw0*x\t-0.25\nh0\trelu(z0)\t0"),
     {"z0": "0.5", "h0": "0.5", "w0'": "-0.25", "z0'": "-0.25", "h0'": "0"}),
    ("mazur", "a.md", "| unit | z | h = sigmoid(z) |\n|---|---|---|\n| 1 | 0.3775 | 0.5933 |",
     {"z1": "0.3775", "h1": "0.5933"}),
    # derivatives off a page, line below line
    ("skip", "a.txt", "Work\n\n∂L\n∂w₁ = 0.5 · 0.5 = 0.25\n∂L\n∂w₀ = 0.75",
     {"dL/dw1": "0.25", "dL/dw0": "0.75"}),
    # a tie of LaTeX is a blank
    ("skip", "a.tex", "$L = 3.375$, as on p.~2 of the sheet.", {"L": "3.375"}),
    # AsciiDoc
    ("mazur", "a.adoc", ("= Sheet\n// z1 = 9.99\n\n"
     "* stem:[(del L)/(del z_3) = (hat y_1 - y_1) * 0.1868 ~~ 0.1385]footnote:[or 0.2]\n\n"
     "[stem]\n++++\nz_3 = 1.1059\n++++\n\n.Units\n[cols=\"1,2,2\"]\n|===\n"
     "|unit |net |h\n\n|1 |0.3775\n|0.5933\n\n|2\n|0.3925\n|0.5969\n|===\n"),
     {"dL/dz3": "0.1385", "z3": "1.1059", "z1": "0.3775", "h1": "0.5933", "z2": "0.3925",
      "h2": "0.5969"}),
    ("mazur", "a.adoc", ("[%header,cols=\"2*\"]\n|===\n|weight |new\n|w_1 |0.1498\n"
     "|w_2\n|===\n"), {"w1'": "0.1498"}),  # its last cell is missing
    # Typst
    ("mazur", "a.typ", ("= Sheet\n$ z_3 = 1.1059, quad hat(y)_1 approx 0.7514 $\n"
     "$ (diff L)/(diff z_3) = frac(1, 2) dot 0.277 = 0.1385 $"),
     {"z3": "1.1059", "yhat1": "0.7514", "dL/dz3": "0.1385"}),
    # the loss of one output; marks of new values; a hat with a number
    ("mazur", "a.txt", ("E_total = E_o1 + E_o2 = 0.2984\ndE_o1/dout_o1 = 0.7414\n"
     "dE_o1/dnet_o1 = 0.1385"), {"L": "0.2984", "dL/dyhat1": "0.7414", "dL/dz3": "0.1385"}),
    ("mazur", "a.txt", "w5,neu = 0,4 - 0,0411 = 0,3589", {"w5'": "0.3589"}),
    ("mazur", "a.md", "$w_1^{(1)} = 0.1498$ and $w_5^{(1)} = 0.3589$",
     {"w1'": "0.1498", "w5'": "0.3589"}),
    ("mazur", "a.md", "$w_1^{(1)} = 0.1498$ and $w_1^{(2)} = 0.3589$", {}),
    ("mazur", "a.txt", "z3 = 1.106   y^1 = 0.7514\nz4 = 1.225   y^2 = 0.3",
     {"z3": "1.106", "yhat1": "0.7514", "z4": "1.225"}),
    # y for the output, where all figures or formulas say so
    ("mazur", "a.txt", "y1 = 0.7514\ny2 = 0.7729", {"yhat1": "0.7514", "yhat2": "0.7729"}),
    ("mazur", "a.txt", "d3 = (y1 - 0.01)*y1*(1 - y1) = 0.1385", {"dL/dz3": "0.1385"}),
    ("mazur", "a.txt", "y1 = 0.7514\ny1 = 0.01", {"y1": "0.01"}),
    ("mazur", "a.txt", "y1 = 0.62\nL = 0.2984", {"L": "0.2984"}),
    ("skip", "a.md", "$dL/d\\hat y = 1$, $y = 0.375$", {"dL/dyhat": "1"}),
    # a condition, a dash or an ornament behind a statement
    ("skip", "a.md", r"$$h_1 = \frac14 \quad (z_1 > 0)$$", {"h1": "1/4"}),
    ("skip", "a.md", r"$$h_1 = \frac14 \quad (z_1 < 0)$$", {}),
    ("skip", "a.md", "`L = 3.375` — far too much", {"L": "3.375"}),
    ("skip", "a.txt", "L = 3.375\n\n   ~ that is all ~", {"L": "3.375"}),
    ("skip", "a.txt", "z1 = 0.25 ✅ and h1 = 0.25 ⮕\ufe0f L = 3.375 🎉",
     {"z1": "0.25", "h1": "0.25", "L": "3.375"}),
    ("skip", "a.txt", "new w1 = 0.5 - 0.25 = 0.25 / new w2 = 0.25", {"w1'": "0.25", "w2'": "0.25"}),
    ("skip", "a.txt", "x\n\ndelta1 = delta2 * w2 \n* h1 * (1 - h1) = 0.1", {}),
    ("skip", "a.txt", "h0 = z0\n* h1 = 0.25", {"h1": "0.25"}),
    ("skip", "a.txt", "z1 = 0.25 e h1 = 0.25", {"z1": "0.25", "h1": "0.25"}),
    ("skip", "a.txt", "derivata di L rispetto a w1 = 0.5*0.5 = 0.25", {"dL/dw1": "0.25"}),
    ("rnn", "a.md", r"t=1: \(\frac{\partial L}{\partial z_1} = 0.1\)", {"dL/dz1": "0.1"}),
    # signs of HTML, highlights, quotations, tables that are drawn
    ("skip", "a.md", "h<sub>0</sub> &asymp; .5, &part;L/&part;w<sub>1</sub> = .5&middot;.5 = 0.25",
     {"h0": "0.5", "dL/dw1": "0.25"}),
    ("skip", "a.md", "z1&nbsp;=&nbsp;0.25 &nbsp;&nbsp; h1 = 0.25&#x2713;",
     {"z1": "0.25", "h1": "0.25"}),
    ("skip", "a.md", "<p>z1 = 0.25</p><p class='a'>h1 = 0.25</p>\n<ul><li>L = 3.375</li></ul>",
     {"z1": "0.25", "h1": "0.25", "L": "3.375"}),
    ("skip", "a.md", ("<table>\n<tr><th>quantity</th><th>value</th></tr>\n"
     "<tr><td>z<sub>1</sub></td> <td align='right'>0.25</td></tr>\n</table>"), {"z1": "0.25"}),
    ("skip", "a.md", ("> [!note]\n> ==$L = 3.375$==\n> $$\n> \\begin{align}\n> h_1 &= 0.25 \\\\\n"
     "> z_1 &= 0.25\n> \\end{align}\n> $$"), {"L": "3.375", "h1": "0.25", "z1": "0.25"}),
    ("skip", "a.md", ("+-------+-------+\n| name  | value |\n+=======+=======+\n| $L$   | 3.375 |"
     "\n+-------+-------+\n| $z_2$ | $0.1$ |\n|       | $+ 0.2$ |\n+-------+-------+"),
     {"L": "3.375", "z2": "0.1 + 0.2"}),
    ("mazur", "a.txt", "NEW   (w+ = w - eta*g)\n-----------\n  w1+ = 0.15 - 0.0002 = 0.1498",
     {"w1'": "0.1498"}),
    # names by their formulas, of single units, by Ng; signs of Japan
    ("mazur", "a.txt", "u = w5*h1 + w6*h2 + b2 = 1.1059\ndE/du = 0.1385",
     {"z3": "1.1059", "dL/dz3": "0.1385"}),
    ("skip", "a.md", r"$L \fallingdotseq 3.375$, $h_1 ≒ 0.25$", {"L": "3.375", "h1": "0.25"}),
    ("skip", "a.md", "The loss of this one example is\n\n$L = 3.375$", {"L": "3.375"}),
    ("skip", "a.md", "For example $L = 3$.", {}),
    # off a scanned page: long dashes, letters for digits, a factor or a bracket that is not known
    ("linear_net", "a.txt", ("out = 0.191\nE = 1/2 (out — 1)^2 = 0.3272\n"
     "dE/dout = out — 1 = — 0.809\ndE/dws = dE/dout . h1 = — 0.809 x 0.85 = — 0.6877"),
     {"yhat": "0.191", "L": "0.3272", "dL/dyhat": "-0.809", "dL/dw5": "-0.6877"}),
    ("linear_net", "a.txt", "dE/dws = dE/dout . h1 = 0.7", {}),
    ("linear_net", "a.txt", "dE/dwl = dE/dout . w5 . i1", {"dL/dw1": "dL/dyhat*w5*i1"}),
    ("linear_net", "a.txt", "dE/dwl = dE/dout . w5 . i2", {}),
    ("linear_net", "a.txt", "h1 = 0.85 — 3 is the first", {}),
    ("linear_net", "a.txt", "dE/dw5 = dE/dqqq . h1 = -0.809 x 0.85 = -0.6877", {}),
    ("linear_net", "a.txt", "E = 1/2 (qqq - 1)^2 = 0.3272", {}),
    # numbers of units that are no layer's, one word for all that they put out
    ("geeks", "a.txt", "net3 = 0,755, also o3 = 0,68, net5 = 0,801, also o5 = 0,69",
     {"z3": "0.755", "h3": "0.68", "z5": "0.801", "yhat": "0.69"}),
    ("linear_net", "a.txt", "out = h1*w5 + h2*w6 = 0.191", {"yhat": "0.191"}),
    # names of one letter with a number that the sheet defines, or whose formula tells against it
    ("mazur", "a.txt", "Let me call d1 = dE/dz3 and d2 = dE/dz4:\n\nd1 = 0.1385\nd2 = 0.7",
     {"dL/dz3": "0.1385", "dL/dz4": "0.7"}),
    ("hagan", "a.txt", "s2 = -2.52165\n\ns2 = -2*(t - a2)", {}),
    # a textbook's names: layers above, sensitivities, steps in brackets behind, a dot for a slope
    ("hagan", "a.md", (
     "$s^m = \\partial F/\\partial n^m$, $W^m(k+1) = W^m(k) - \\alpha s^m a^m$\n\n"
     "$n^1_1 = w^1_{1,1} p + b^1_1 = -0.75$, $a^1_1 = 1/(1 + e^{0.75}) = 0.321$\n\n"
     "$a^2 = 0.446$, $e = t - a^2 = 1.261$, $F = e^2 = 1.590$\n\n"
     "$\\dot{f}^1(n^1_1) = 0.218$, $s^2 = -2.522$, $s^1_2 = 0.0997$\n\n"
     "$w^1_{2,1}(1) = -0.41 - 0.1 \\cdot 0.0997 = -0.420$, $b^2(1) = 0.732$"),
     {"z1": "-0.75", "h1": "0.321", "yhat": "0.446", "L": "1.59", "dh1/dz1": "0.218",
      "dL/dz3": "-2.522", "dL/dz2": "0.0997", "w12'": "-0.42", "b2'": "0.732"}),
    ("hagan", "a.md", "$a^2 = 0.199$, $s^2 = -2.522$, $w^2(1) = 0.171$, $n = 10$, $n_1 = 1$", {}),
    # bold letters with their layer above, arrays, steps in brackets, numbered equations
    ("hagan", "a.tex", (
     "The sensitivities follow.\n\\begin{equation}\n\\mathbf{W}^1(0) = \\left[\\begin{array}{r}"
     " -0.27 \\\\ -0.41 \\end{array}\\right], \\tag{11.40}\n\\end{equation}\n\\begin{equation}\n"
     "\\mathbf{n}^1 = \\mathbf{W}^1 \\mathbf{a}^0 + \\mathbf{b}^1 = \\left[\\begin{array}{r} -0.75 "
     "\\\\ -0.54 \\end{array}\\right] \\tag{11.41}\n\\end{equation}\n$\\hat{F} = e^2 = 1.590$, "
     "$s^2 = -2\\,[1]\\,(1.261) = -2.522$, $\\mathbf{s}^1 = \\left[\\begin{array}{r} -0.0495 \\\\ "
     "0.0997 \\end{array}\\right]$, $b^2(1) = b^2(0) - \\alpha s^2 = 0.732$"),
     {"z1": "-0.75", "z2": "-0.54", "L": "1.59", "dL/dz3": "-2.522", "dL/dz1": "-0.0495",
      "dL/dz2": "0.0997", "b2'": "0.732"}),
    ("residual_block", "a.md", "The sensitivities: $s^1 = 0.3$, $n^1 = 2$", {}),  # its own s1
    # out for what is hidden and o for what is put out, each in its place; blanks behind a sign
    ("mazur", "a.txt", "out1 = 1/(1+exp(-0.3775)) = 0.5933\no1 = 1/(1+exp(-1.1059)) = 0.7514",
     {"h1": "0.5933", "yhat1": "0.7514"}),
    ("mazur", "a.txt", "out1 = 0.7514\no1 = 0.5933", {}),
    ("mazur", "a.txt", "OUTPUT       (d3 is dE/dnet3)\n------\nd3 = 0.7414 * 0.1868 =  0.1385",
     {"dL/dz3": "0.1385"}),
    # derivatives in words: of the loss, of another quantity, of what is none; one that is not known
    ("mazur", "a.txt", "The derivative of z3 with respect to w5 is simply 0.5933.",
     {"dz3/dw5": "0.5933"}),
    ("mazur", "a.txt", "The derivative of the sigmoid with respect to z3 is 0.1868.", {}),
    ("mazur", "a.txt", "The derivative of z1 with respect to w5 is 0.5.", {}),
    ("mazur", "a.txt", "The derivative of the cost with respect to w5 is h1 * 0.1385 = 0.0822.",
     {"dL/dw5": "0.0822"}),
    ("mazur", "a.txt", "dL/dw3 = 0.0006, dL/dq = 0.1, dL/dw4 = 0.0009",
     {"dL/dw3": "0.0006", "dL/dw4": "0.0009"}),
    # a scan: dashes, a square, a nought, a broken rule
    ("linear_net", "a.txt", ("dE/dout = 0.191 — 1 = —0.809\nE = 1/2 * (0.191 — 1)? = O.3272\n"
     "- - ~~ ----\n"),
     {"dL/dyhat": "-0.809", "L": "0.3272"}),
    ("linear_net", "a.txt", "dE/dout = —0.809 — h1 = 0.85", {}),
    ("linear_net", "a.txt", "out = 0.191\nE = 1/2 (out — 1)^2 = 0.3272\ndE/dout = out — y = —0.809",
     {"yhat": "0.191", "L": "0.3272", "dL/dyhat": "-0.809"}),
    ("rnn", "a.txt", "z1 = 0.6*(—1) + 0 = —0.6\ndL/dwx = —0.27*1 + —0.47*0.5 + —0.97*(—1) = 0.46",
     {"z1": "-0.6", "dL/dwx": "0.46"}),
    # d with a number in code, of which nothing is said but in formulas
    ("tree_sigmoid", "a.md", "```python\ndw1 = d1*x1\ndw3 = d2*x3\n```",
     {"dL/dw1": "dL/dz1*x1", "dL/dw3": "dL/dz2*x3"}),
    # what is corrected in the same sentence, or after words alone
    ("skip", "a.md", "L = 3.2\nSorry, that is wrong, it should be L = 3.375", {"L": "3.375"}),
    ("skip", "a.md", "L = 3.375\nFalsch! Richtig ist L = 3.2", {"L": "3.2"}),
    ("skip", "a.md", "z0 = 0.4\nNo mistake here, so z1 = 0.25", {"z0": "0.4", "z1": "0.25"}),
    # after the activation, not after the update
    ("skip", "a.md", "after the activation $h_0 = 0.5$", {"h0": "0.5"}),
    ("skip", "a.md", "w0 new = 0.4, nach der Aktivierung $h_0 = 0.5$", {"w0'": "0.4", "h0": "0.5"}),
    ("skip", "a.md", "after the update the activation $h_0 = 0.5$", {}),
    # statements parted by a slash or a bar; the gap before new; what a heading says of a tilde
    ("skip", "a.md", "z0 = 0.5 / dL/dws = 1*0.5 = 0.5 / z1 = 0.25",
     {"z0": "0.5", "dL/dws": "0.5", "z1": "0.25"}),
    ("skip", "a.md", "z0 = 0.5 | h0 = 0.5", {"z0": "0.5", "h0": "0.5"}),
    ("skip", "a.md", "dL/dw2 = 1 / 4 = 0.25", {"dL/dw2": "0.25"}),
    ("skip", "a.md", "z0 = 0.5 / h0", {}),
    ("skip", "a.txt", "ws  new = 0", {"ws'": "0"}),
    ("skip", "a.txt", "ws\tneu = 0", {"ws'": "0"}),
    ("skip", "a.md", "New weights:\n$\\tilde w_1 = 0.25$", {"w1'": "0.25"}),
    # words with a formula in a cell of working; a point of a list below a display
    ("skip", "a.md", "| q | working | value |\n|---|---|---|\n| dL/dws | idem, sin $h_0$ | 0.5 |",
     {"dL/dws": "0.5"}),
    ("skip", "a.md", "$$L = 3.375$$\n- 1) The loss goes up\n- 2) z1 = 0.25",
     {"L": "3.375", "z1": "0.25"}),
    # one cell above a row of data is no title, one above a head is, and says of what the rows are
    ("skip", "a.md", "| | forward pass | |\n|---|---|---|\n| z0 | 0.5 | relu |\n| h0 | 0.5 | ok |",
     {"z0": "0.5", "h0": "0.5"}),
    ("skip", "a.md", "| Gradients | | |\n|---|---|---|\n| w0 | w1 | w2 |\n| 0.75 | 0.25 | 0.25 |",
     {"dL/dw0": "0.75", "dL/dw1": "0.25", "dL/dw2": "0.25"}),
    # words that suppose nothing: si in Italian, an if that only asks whether something is so
    ("skip", "a.txt", "Poi si ha z0 = 0.5\nSi ottiene h0 = 0.4\n", {"z0": "0.5", "h0": "0.4"}),
    ("skip", "a.txt", "alors\nsi on a h0 = 0.4\nz0 = 0.5", {"z0": "0.5"}),
    ("skip", "a.txt", "tell me if u get the same\nz0 = 0.5", {"z0": "0.5"}),
    ("skip", "a.txt", "tell me if it should be that\nz0 = 0.5\nh0 = 0.5", {"h0": "0.5"}),
    # remarks in Greek, a letter before a comma, a title that repeats its quantity, one $$ lost
    ("skip", "a.md", "$z_0 = 0.5$ (θετικό άρα περνάει)\n$h_0 = 0.5$ [η έξοδος]",
     {"z0": "0.5", "h0": "0.5"}),
    ("skip", "a.tex", r"$z_0 = O,5 \cdot 1 = O,5$ and $z_1 = O{,}25$ and $L = 3,375$",
     {"z0": "0.5", "z1": "0.25", "L": "3.375"}),
    ("skip", "a.txt", "z0 = 0.5\nMean loss: J = 3.3", {"z0": "0.5", "L": "3.3"}),
    ("skip", "a.md", "$$z_0 = {\n$$h_0 = 0.4$$\n$$z_1 = 0.2$$\n", {"h0": "0.4", "z1": "0.2"}),
    # a column that counts the steps, in any language, from 0 or from 1
    ("skip", "a.md", ("| крок | z0 | L | dL/dyhat |\n|---|---|---|---|\n| 0 | 0.5 | 3.375 | 1 |\n"
     "| 1 | -0.25 | 3 | 1 |"),
     {"z0": "0.5", "L": "3.375", "dL/dyhat": "1", "z0'": "-0.25", "L'": "3",
      "dL'/dyhat'": "1"}),
    ("skip", "a.txt", "étape\tw0\tL\n1\t0.5\t3.375\n2\t-0.25\t3",
     {"L": "3.375", "w0'": "-0.25", "L'": "3"}),
    ("skip", "a.md", ("| k | z0 | L |\n|---|---|---|\n| 0 (start) | 0.5 | 3.375 |\n"
     "| 1 | -0.25 | 3 |"), {"z0": "0.5", "L": "3.375", "z0'": "-0.25", "L'": "3"}),
    ("skip", "a.md", ("| Schritt | w0 | L |\n|---|---|---|\n| 1 | -0.25 | 3.375 |\n"
     "| 2 | -0.25 | 3 |"), {}),
    # BBCode of forums, and what a post quotes
    ("skip", "a.txt", ("[quote=\"mia\"]I get [latex]z_0 = 0.9[/latex].\n\nL = 7[/quote]\n\n"
     "[tex]z_0 = w_0 x = 0.5[/tex] and [b]h[sub]0[/sub][/b] = 0.5\n\n[math]\nz_1 = 0.25\n[/math]\n"
     "[list]\n[*] [imath]h_1 = 0.25[/imath]\n[*] [color=red]L = 3.375[/color]\n[/list]\n"
     "[table][tr][th]what[/th][th]value[/th][/tr]\n[tr][td]dL/dyhat[/td][td]1[/td][/tr][/table]\n"
     "[code]dL/dw2 = 0.25[/code]"),
     {"z0": "0.5", "h0": "0.5", "z1": "0.25", "h1": "0.25", "L": "3.375", "dL/dyhat": "1",
      "dL/dw2": "0.25"}),
    ("skip", "a.txt", "[QUOTE]z0 = 0.5, h0 = 0.5[/QUOTE]", {"z0": "0.5", "h0": "0.5"}),
    ("skip", "a.txt", "[QUOTE]z0 = 0.6\n[quote=bo]h0 = 0.1[/quote]\nz1 = 0.1[/QUOTE]\nh0 = 0.5",
     {"h0": "0.5"}),
    # several statements in a row of a table, each with its value in the next cell
    ("skip", "a.md", ("| node | value | slope | value |\n|---|---|---|---|\n"
     "| $z_0 = w_0 x$ | ≈ 0.5 | $dL/dw_0 = dL/dz_0$ | 0.75 |\n"
     "| z_1 = w_1 h_0 | 0.25 | dL/dyhat = 1 | 1 |"),
     {"z0": "0.5", "dL/dw0": "0.75", "z1": "0.25", "dL/dyhat": "1", "dL/dz0": "0.75"}),
    # the vector of what the sheet numbers by a letter of its own, else the scores or the outputs
    ("softmax", "a.md", ("$o_1 = 0.1 + 0.4 = 0.5$, $o_2 = 0.6$, $o_3 = 0.1$\n\n"
     "$p_1 = 0.3603$, $p_2 = 0.3982$, $p_3 = 0.2415$\n\n"
     r"$\frac{\partial L}{\partial o} = (0.3603, -0.6018, 0.2415)^\top$"),
     {"z1": "0.5", "z2": "0.6", "z3": "0.1", "yhat1": "0.3603", "yhat2": "0.3982",
      "yhat3": "0.2415", "dL/dz1": "0.3603", "dL/dz2": "-0.6018", "dL/dz3": "0.2415"}),
    ("softmax", "a.md", r"$\frac{\partial L}{\partial o} = (0.3603, -0.6018, 0.2415)$", {}),
    # words between the rows of a display, which has two columns below them
    ("skip", "a.tex", ("\\begin{align*}\nz_0 &= w_0 x = 0.5\n\\intertext{Both of the others:}\n"
     "z_1 &= w_1 h_0 & h_1 &= z_1 \\\\\n &= 0.25 & &= 0.25\n\\end{align*}"),
     {"z0": "0.5", "z1": "0.25", "h1": "0.25"}),
    # a tick behind a comparison; a slope of several units at once; what is put in the place of yhat
    ("skip", "a.md", "$$L = (0.375 + 3) = 3.375 < 4 \\quad ✅$$", {"L": "3.375"}),
    ("hagan", "a.md", ("$z = (-0.75, -0.54)$\n\n"
     "$\\sigma'(z) = 0.25 - (h - 0.5)^2 = (0.2179, 0.2326)$"),
     {"z1": "-0.75", "z2": "-0.54", "dh1/dz1": "0.2179", "dh2/dz2": "0.2326"}),
    ("skip", "a.md", "$yhat = z_{out} = 0.375$ and $z_{out} = 0.375$",
     {"yhat": "0.375", "z2": "0.375"}),
    # two names of one quantity before the row of a table of both passes
    ("skip", "a.md", ("| | before | after |\n|---|---|---|\n| $\\hat y = z_2$ | 0.375 | 0 |\n"
     "| L | 3.375 | 3 |"),
     {"yhat": "0.375", "z2": "0.375", "L": "3.375", "yhat'": "0", "z2'": "0", "L'": "3"}),
    # specks of a scan, and the foot of its page
    ("skip", "a.txt", ("z0 = 0.5\n|\nh0 = 0.5\n~  ~ -   . -\nz1 = 0.25\n. , ,      '\nL = 3.375\n"
     "                 7 / l0     Scanned with DocScan\n"),
     {"z0": "0.5", "h0": "0.5", "z1": "0.25", "L": "3.375"}),
    ("skip", "a.txt", "z0 = 0.5\nL = 3.375\n   - 3 -\n", {"z0": "0.5", "L": "3.375"}),
]  # fmt: skip

DISOWNED = [
    "XXXX L = 3.375 XXXX (crossed out)", "XXXX L = 3.375 XXXX", "L = 3.375 (crossed out)",
    "(crossed out) L = 3.375", "L = 3.375 [durchgestrichen]", "gestrichen: L = 3.375",
    "scratch: L = 3.375", "not L = 3.375", "$L = 3.375$ (tachado)", "| L | 3.375 (rayé) |",
    "$$L = 3.375 \\text{ (crossed out)}$$", "L = 3.375 зачёркнуто",
    "L = 3.375 <- falsch, siehe unten", "$L = 3.375$ (wrong, see below)", "L = 3.375 ✗",
    "L = 3.375 mal", "L = 3.375, faux !", "falsch: L = 3.375",
]  # fmt: skip
"""Lines that their author does not stand by."""

PENALTY = """
inputs: {x: 2}
targets: {t: 1}
weights: {w: 0.5, b: -0.6}
constants: {lam: 0.1}
equations: {z: w*x + b, L: 1/2*(z - t)**2, R: 1/2*w**2, J: L + lam*R}
loss: J
"""

LAYERS = """
inputs: {x1: 1, x2: 0.5}
targets: {y1: 1, y2: 0}
layers:
  - {name: h, units: 2, activation: tanh, weights: [[0.2, 0.4], [-0.3, 0.6]]}
  - {name: o, units: 2, activation: identity, weights: [[0.7, -0.5], [0.1, 0.9]]}
loss: half_l2
"""

LISTED = [
    # figures in no statement
    ("mazur", "The result of this is then 0.7514 for the first."),
    ("mazur", "foo 0.1234 → bar 0.5678"),
    ("mazur", "$$\\alpha \\beta 0.4321 = \\gamma$$"),
    # and why a name is none here
    ("mazur", "E_o1 = 0.2748"),
    ("mazur", "dE_o1/dout_h1 = 0.0554"),
]


def said(reading: Reading) -> dict[str, str]:
    """What each quantity is said to be, by the last statement about it."""
    return {each.quantity: formula_text(each.said.expression) for each in reading.assertions}


@pytest.mark.parametrize(("network", "file", "text", "expected"), READ)
def test_a_kind_of_writing_is_read(
    network: str, file: str, text: str, expected: dict[str, str]
) -> None:
    assert said(read(text, file, load(network))) == expected


@pytest.mark.parametrize("text", DISOWNED)
def test_a_line_crossed_out_is_not_read_and_says_so(text: str) -> None:
    reading = read(f"z0 = 0.5\n\n{text}\n\nz1 = 0.25", "a.md", load("skip"))
    assert said(reading) == {"z0": "0.5", "z1": "0.25"}
    assert [each.reason for each in reading.unread] == ["it looks crossed out"]


@pytest.mark.parametrize("text", ["L = 3.375 or L = 0.5", "L = 0.5 oder L = 3,375", "L = 3 or 4"])
def test_of_two_alternatives_none_is_read(text: str) -> None:
    reading = read(text, "a.md", load("skip"))
    assert not reading.assertions
    assert [each.reason for each in reading.unread] == ["two alternatives stand here"]
    assert len(read("L = 3.375 or L = 3.38", "a.md", load("skip")).assertions) == 2


def test_a_cost_has_a_loss_in_it_and_a_bar_is_its_derivative() -> None:
    text = (
        "$J = L + \\lambda R$\n\nNotation: $\\overline{v} = \\frac{\\partial J}{\\partial v}$, the "
        "*error signal* of $v$\n\n$\\overline{\\mathcal{L}} = 1$, $\\overline{w} = -1.15$"
    )
    network = loads(PENALTY)
    expected = {"J": "L + lam*R", "dJ/dL": "1", "dJ/dw": "-1.15"}
    reading = read(text, "a.md", network)
    assert said(reading) == expected
    report = check(Marking(network), text, "a.md")
    assert [each.verdict for each in report.answers] == ["correct"] * 3


def test_the_cost_of_all_samples_is_no_equation() -> None:
    text = PENALTY.replace("inputs: {x: 2}\ntargets: {t: 1}", "inputs: [x]\ntargets: [t]")
    with pytest.raises(BackcalcError, match="'J' is the name of the loss over all samples"):
        loads(f"{text}data: [{{x: 2, t: 1}}, {{x: 1, t: 0}}]\n")


@pytest.mark.parametrize(("text", "expected"), [
    ("$h_1 = 0.4621$, $\\partial L/\\partial h_2 = 0.3$", {"h_h1": "0.4621", "dL/dh_h2": "0.3"}),
    ("$h_1 = (0.4621, 0)$", {"h_h1": "0.4621", "h_h2": "0"}),
])  # fmt: skip
def test_a_name_is_a_unit_or_a_layer_by_what_is_said_of_it(
    text: str, expected: dict[str, str]
) -> None:
    assert said(read(text, "a.md", loads(LAYERS))) == expected


@pytest.mark.parametrize(("network", "text"), LISTED)
def test_no_figure_is_lost_without_a_word(network: str, text: str) -> None:
    reading = read(text, "a.md", load(network))
    assert not reading.assertions
    assert [reading.line(each.start) for each in reading.unread] == [1]


@pytest.mark.parametrize("text", [
    "z1 = 0.3775. This 0.3775 is what goes in.",  # once more
    "z1 = 0.37751, so about 0.378.",  # in fewer digits
    "The inputs are 0.05 and 0.10 here.",  # given
    "Version 3.10.2 of 22.11.2024 is used.",
    "## 1.25 is a heading",
])  # fmt: skip
def test_a_figure_that_says_nothing_new_is_not_listed(text: str) -> None:
    assert not read(text, "a.md", load("mazur")).unread


def test_code_that_prints_is_no_statement() -> None:
    text = "```python\nprint(f'z3 = {z3}, z4 = {z4}')\n```\n"
    assert not read(text, "a.md", load("mazur")).unread


def test_what_code_prints_in_a_notebook_is_read() -> None:
    shown = {"data": {"text/plain": ["{'w5': 0.0822,\n", " 'w6': 0.0827}"], "image/png": "w5 0.1"}}
    outputs = [({"text": "z1 0.3775 h1 0.5933\n"}, "print(z1, h1)"), (shown, "grads")]
    cells = [{"cell_type": "code", "source": said, "outputs": [out]} for out, said in outputs]
    expected = {"z1": "0.3775", "h1": "0.5933", "dL/dw5": "0.0822", "dL/dw6": "0.0827"}
    assert said(read(json.dumps({"cells": cells}), "a.ipynb", load("mazur"))) == expected


@pytest.mark.parametrize(
    ("code", "shown", "expected"),
    [
        ("dw5, dw6 = d3*h1, d3*h2\n(dw5, dw6)", "(0.08, np.float64(0.09))", ["dw5", "dw6"]),
        ("print(dw5)\nprint(f'{x}')\nprint(dw6)", "0.08\n0.3\n0.09", ["dw5", "dw6"]),
        ("print(dw5, dw6)", "0.08 0.09", ["dw5", "dw6"]), ("dw5\ndw6", "0.09", ["dw6"]),
        ("for a in b:\n    print(a)\nprint(dw6)", "0.08\n0.09\n0.1", []),
        ("(dw5, dw6)", "(0.08, 0.09, 0.1)", []),
        ("for n in range(9):\n    step()\ndw5, dw6", "(0.08, 0.09)", []),  # of a later pass
        ("dw5 = 0.3\ndw5", "0.08", []),
        ("np.round([dw5, dw6], 2)", "array([ 0.08,  0.09], dtype=float32)", ["dw5", "dw6"]),
        ("print('d:', np.round([dw5, dw6], 2))  # both", "d: [0.08 0.09]", ["dw5", "dw6"]),
        ("print(dw5.item())\nprint('-')\nprint(round(dw6, 2))", "0.08\n-\n0.09", ["dw5", "dw6"]),
        ("dw5, dw6", "(tensor(0.08, requires_grad=True),\n tensor(0.09))", ["dw5", "dw6"]),
        ("print(dw5)\nfor n in 'a', 'b':\n    print(n)\nprint(dw6)", "0.08\n1\n2\n0.09", []),
        ("print(dw5)\nfor n in (u, v):\n    print(n)\nprint(dw6)", "0.08\n1\n2\n0.09", ["dw5"]),
        ("print([dw5, dw6])", "[0.0809]", []), ("print(dw5 + dw6)", "0.08", []),
    ],
)  # fmt: skip
def test_what_a_cell_shows_is_of_the_names_that_it_shows(
    code: str, shown: str, expected: list[str]
) -> None:
    cell = {"cell_type": "code", "source": code, "outputs": [{"text": shown}]}
    reading = read(json.dumps({"cells": [cell]}), "a.ipynb", load("mazur"))
    figures = {"dw5": "0.08", "dw6": "0.09"}
    numeric = {n: each for n, each in said(reading).items() if each in figures.values()}
    assert numeric == {f"dL/{name}": figures[name] for name in expected}


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Recall that h1 = 0.25 and w1 = 0.5.", [("h1", "0.25")]),
        ("We recall that $h_1 = 0.1$.", [("h1'", "0.1")]),
        ("Recall that dL/dw2 = 0.25, so\n$h_1 = 0.25$", [("dL/dw2", "0.25")]),
    ],
)
def test_what_is_recalled_is_of_the_pass_in_which_it_was_said(
    line: str, expected: list[tuple[str, str]]
) -> None:
    found = read(LATER + line, "a.md", load("skip")).assertions
    assert [(e.quantity, e.said.plain) for e in found if e.start >= len(LATER)] == expected


def test_a_step_in_code_gives_a_new_value() -> None:
    cells = [{"cell_type": "code", "source": "w5 -= 0.5*dw5\nw5", "outputs": [{"text": "0.3589"}]}]
    assert said(read(json.dumps({"cells": cells}), "a.ipynb", load("mazur"))) == {"w5'": "0.3589"}


def test_two_names_may_change_places() -> None:
    network = loads(
        "inputs: {x: 1}\ntargets: {y: 0}\nweights: {w: 2}\nnames: {y: t, yhat: y}\nloss: half_l2\n"
        "nodes: {1: {from: {x: w}, activation: identity}}\n"
    )
    reading = read("y = 2\nt = 0\nL = 1/2*(y - t)^2", "a.txt", network)
    assert said(reading) == {"yhat": "2", "y": "0", "L": "1/2*(yhat - y)**2"}


def marked(text: str) -> str:
    """The comments on a sheet, in one text."""
    report = check(marking("mazur"), text, "a.md")
    return "\n".join(phrase_text(each.comment) for each in report.answers)


def test_a_formula_on_the_line_tells_which_mistake_was_made() -> None:
    wrong = "$L = (\\hat y_1 - y_1)^2 + (\\hat y_2 - y_2)^2 = 0.59674$"
    assert "twice as large" in marked(wrong)


def test_no_cause_is_named_beside_many_names_that_are_not_known() -> None:
    names = "\n".join(f"q{letter} = 0.5" for letter in "ABCDEFG")
    said = marked(f"{names}\n\nw7 (new) = 0.4887")
    assert "could not be read" in said


SMALL = loads(
    "inputs: {x: 2}\ntargets: {y: 1}\nweights: {w: 0.5, v: 0.4}\nloss: half_l2\nnodes:\n"
    "  1: {from: {x: w}, activation: relu}\n  2: {from: {1: v}, activation: identity}\n"
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("e = y - yhat = 0.6\nL = e^2/2 = 0.18\ndL/dyhat = -e\ndL/dv = -e*h1 = -0.6",
         {"L": "0.18", "dL/dyhat": "-(y - yhat)", "dL/dv": "-0.6"}),
        ("diff = yhat - y = -0.6\ndL/dv = diff*h1 = -0.6", {"dL/dyhat": "-0.6", "dL/dv": "-0.6"}),
        ("error = yhat - y = -0.6\ndL/dyhat = error", {"dL/dyhat": "-0.6"}),
        ("resid = y - yhat = 0.6\nL = 0.5*resid^2 = 0.18", {"L": "0.18"}),
        ("yhat = 0.4\nThe error is 0.6. The error is -0.6. Output error: -0.6", {"yhat": "0.4"}),
        ("yhat = 0.4\nerror squared = 0.36\nThe error at the output is -0.6", {"yhat": "0.4"}),
        ("The error is 0.17", {"L": "0.17"}),
        ("The derivative of the loss with respect to the output is -0.6", {"dL/dyhat": "-0.6"}),
        ("gradient of the loss at the output: -0.6", {"dL/dyhat": "-0.6"}),
        ("The error at the output is e = y - yhat = 0.6, so dL/dv = -e*h1 = -0.6",
         {"dL/dv": "-0.6"}),
        ("The gradient at the output is -0.6\ngradient at z1: -0.24",
         {"dL/dyhat": "-0.6", "dL/dz1": "-0.24"}),
        ("The gradient of v is -0.6, that of w is -0.48", {"dL/dv": "-0.6", "dL/dw": "-0.48"}),
        ("Gradient v: -0.6, gradient w: -0.48", {"dL/dv": "-0.6", "dL/dw": "-0.48"}),
    ],
)  # fmt: skip
def test_an_error_is_the_loss_or_a_difference_and_words_say_by_what_is_derived(
    text: str, expected: dict[str, str]
) -> None:
    found = said(read(text, "a.txt", SMALL))
    assert {name: found.get(name) for name in expected} == expected
    assert found.keys() <= {*expected, "dL/dyhat"}


@pytest.mark.parametrize(
    "rule",
    [
        "$\\sigma(z)=\\frac{1}{1+e^{-z}}$",
        "$\\sigma'(z) = \\sigma(z)(1 - \\sigma(z))$",
        "tanh'(z) = 1 - tanh(z)^2",
        "f(t) = max(0, t)",
    ],
)
def test_what_a_function_is_for_every_number_is_no_line_lost(rule: str) -> None:
    reading = read(f"We have {rule} here.\n\nz1 = 0.3775\n", "a.md", load("mazur"))
    assert said(reading) == {"z1": "0.3775"}
    assert not reading.unread
    wrong = read("$\\sigma(z) = 0.3 z$, z1 = 0.3775\n", "a.md", load("mazur"))
    assert wrong.unread
