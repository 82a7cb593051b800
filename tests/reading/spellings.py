"""How people spell quantities and numbers: each row is read as it is meant, or not at all."""

from __future__ import annotations

NAMES = {
    "skip": {
        "z0": "z0 z_0 z₀ 𝑧₀ 𝑧_0 $z_0$ $z_{0}$ $\\mathbf{z}_0$ $\\boldsymbol{z}_{0}$ Z0 net0 net_0 $net_0$"
        " $\\mathrm{net}_0$ $\\text{net}_0$ $z_{\\text{0}}$ in_0 $s_0$ `z0` **z0** $\\mathcal{Z}_0$",
        "h0": "h0 h_0 h₀ ℎ₀ a0 a_0 $a_0$ $a_{0}$ out0 out_0 $out_0$ $\\mathrm{out}_{0}$ $h_0$ $o_0$:no"
        " $\\sigma_0$:no ReLU(z0) relu(z_0) $\\text{ReLU}(z_0)$ $\\operatorname{ReLU}(z_0)$"
        " $\\mathrm{relu}(z_0)$ $g(z_0)$ $f(z_0)$ $\\phi(z_0)$",
        "yhat": "yhat ŷ y^ y_hat $\\hat{y}$ $\\widehat{y}$ 𝑦̂ y_pred ypred h2 a_2 h_2 $a_2$"
        " $h_2$ out_2 out_o1 $y_{pred}$ $\\hat{\\mathbf{y}}$",
        "L": "L E C J Loss loss cost Cost error E_total Error $L$ $\\mathcal{L}$ ℒ $\\ell$ $E$ $J$ L(y,ŷ)"
        " $L(y,\\hat{y})$ $\\text{Loss}$ $\\mathrm{loss}$ $L_{total}$ $E_{\\text{total}}$",
        "dL/dw0": "dL/dw0 dL/dw_0 ∂L/∂w0 ∂L/∂w₀ ∂L/∂w_0 dE/dw0 ∂E/∂w_0 dJ/dw0 dLdw0 dL_dw0 dw0 dw_0"
        " grad_w0 gradw0 w0_grad w0.grad ∇w0 $\\nabla_{w_0}L$ $\\nabla_{w_0}$"
        " $\\frac{\\partial{L}}{\\partial{w_0}}$ $\\frac{dL}{dw_0}$ $\\dfrac{\\partial{E}}{\\partial{w_0}}$"
        " $\\tfrac{dL}{dw_{0}}$ $\\frac{\\mathrm{d}L}{\\mathrm{d}w_0}$ $\\partial{L}/\\partial{w_0}$"
        " dL/d(w0) (∂L)/(∂w_0) d_L/d_w0:no dL/dW0 $\\frac{\\partial\\mathcal{L}}{\\partial{w_0}}$"
        " $\\frac{\\partial\\,L}{\\partial\\,w_0}$",
        "dL/dz2": "dL/dz2 ∂L/∂z₂ delta_2 delta2 δ2 δ_2 δ₂ $\\delta_2$ $\\delta_{2}$ dz2 dLdz2"
        " $\\frac{\\partial{L}}{\\partial{z_2}}$",
        "dL/dyhat": "dL/dyhat ∂L/∂ŷ dL/dŷ dL/dy^ $\\frac{\\partial{L}}{\\partial\\hat{y}}$ dyhat dLdyhat"
        " $\\frac{dL}{d\\hat{y}}$ ∂L/∂y_hat $\\frac{\\partial{L}}{\\partial{\\hat{y}}}$ dL/dh2",
        "dh0/dz0": "dh0/dz0 ∂h0/∂z0 da_0/dz_0 $\\frac{\\partial{h_0}}{\\partial{z_0}}$ relu'(z0)"
        " $\\text{ReLU}'(z_0)$ $g'(z_0)$ f'(z0) dh0dz0",
        "w0'": "w0' w_0' w0′ w0_new w0new w_new_0:no w0+ w_0^+ w₀⁺ $w_0^+$ $w_0^{+}$ $w_0'$ $w'_0$"
        " $w_0^{new}$ $w_0^{\\text{new}}$ $w_0^{(t+1)}$ $w_0^{t+1}$ $w_{0,new}$ $w_{0}^{neu}$"
        " $w_0^{\\prime}$ w_0(t+1) new_w0 w0_updated $w_{0}^{(new)}$ $w^{new}_0$ $\\omega_0'$ ω0'"
        " $w_0^\\mathrm{new}$ W0'",
        "ws'": "ws' w_s' $w_s'$ $w_s^{new}$ ws_new $w_{s}^{+}$",
    },
    "mazur": {
        "z1": "net_h1 neth1 $net_{h1}$ $\\mathrm{net}_{h1}$ $net_{h_1}$ z1 $z_1$ $z^{(1)}_1$ $z_1^{(1)}$"
        " $z^{[1]}_1$ $z_1^{[1]}$ $in_{h1}$",
        "z3": "net_o1 $net_{o1}$ $net_{o_1}$ $z_3$ $z_1^{(2)}$ $z^{(2)}_{1}$",
        "h2": "out_h2 outh2 $out_{h2}$ $a_2$ $a_2^{(1)}$ $a^{[1]}_2$ $h_{2}$ o_h2",
        "yhat1": "out_o1 $out_{o1}$ $o_1$:no o1:no yhat1 ŷ1 ŷ₁ $\\hat{y}_1$ $\\hat{y}_{1}$ $a_1^{(2)}$ y_hat1"
        " $\\widehat{y}_1$ $\\hat{y_1}$",
        "L": "E_total $E_{total}$ $E_{tot}$ Etotal E $L$",
        "dL/dz3": "delta_o1 $\\delta_{o1}$ $\\delta_3$ $\\delta^{(2)}_1$ $\\delta_1^{(2)}$ δo1"
        " $\\frac{\\partial{E_{total}}}{\\partial{net_{o1}}}$",
        "w5'": "w5+ $w_5^{+}$ $w_5^+$ w_5^+ $w'_5$",
    },
    "tree_sigmoid": {"dL/dw1": "dL/dw1 $\\nabla_{w_1}L$", "z3": "z3 $z_3$ $z^{(2)}$ $z^{[2]}$"},
    "mlp": {
        "z_a1": "z_a1 za1 $z_{a1}$ $z_{\\mathrm{a1}}$ $z^{(1)}_1$",
        "dL/dw_a1_x1": "dL/dw_a1_x1 $\\frac{\\partial{L}}{\\partial{w_{a1,x1}}}$ ∂L/∂w_a1_x1",
    },
    "xor": {
        "z1[2]": "z1[2] z_1[2] $z_{1}^{(2)}$:or_of_layer_2",
        "dJ/dw1": "dJ/dw1 ∂J/∂w1 dL/dw1 $\\frac{\\partial{J}}{\\partial{w_1}}$",
    },
}
"""For each network and quantity its spellings; `:no` marks one that means nothing and is not read."""

NUMBERS = {
    "0.375": "0.375 .375 0,375 ,375:no 0{,}375 $0{,}375$ +0.375 3/8 $\\frac{3}{8}$ $\\tfrac38$ $3/8$ ⅜"
    " $\\frac38$ 37.5% 37,5% 37.5\\% 375e-3 3.75e-1 3.75E-1 3.75·10^-1 3.75*10^-1 3.75×10^-1"
    " 3.75×10⁻¹ $3.75\\cdot10^{-1}$ $3.75\\times10^{-1}$ 3.75*10**-1 0.375. 0.375, (0.375) [0.375]"
    " 0.375... 0.375… ≈0.375 ~0.375 $\\approx0.375$ **0.375** `0.375` $0.375$ $\\mathbf{0.375}$"
    " $\\boxed{0.375}$ $\\underline{0.375}$ 0.3750 00.375:no 0·375:no 0'375:no O.375:no 0.37S:no 0..375:no"
    " 0.3.75:no 1-0.625 0.25+0.125 0.5*0.75 0.5·0.75 0.5×0.75 3÷8 1/8+1/4 (3)/(8) 0.5(0.75)"
    " (0.5)(0.75) (-0.5)(-0.75) $0.5\\cdot0.75$ $(0.5)(0.75)$ $0.5(0.75)$ 0.375(4s.f.) ３/８"
    " $\\left(0.375\\right)$ $\\text{0.375}$:no $\\num{0.375}$",
    "-0.375": "-0.375 −0.375 –0.375 -.375 -0,375 −0,375 -3/8 $-\\frac{3}{8}$ $\\frac{-3}{8}$ (-0.375)"
    " $-0{,}375$ -(0.375) -37.5% -3.75e-1 $-\\tfrac{3}{8}$ -3.75·10⁻¹ 0-0.375 $-0.375$ -⅜",
    "2": "2 2. 2.0 +2 2,0 2.00 4/2 $2$ √4 $\\sqrt{4}$ 2²/2 1+1 $2^1$ 2**1 2^1 |-2| $|-2|$"
    " $\\left|-2\\right|$ $\\lvert-2\\rvert$ abs(-2) max(0,2) max(0;2) $\\max(0,2)$ $\\max\\{0,2\\}$ exp(0)+1"
    " e^0+1 $e^{0}+1$ ln(1)+2 $\\ln(1)+2$",
}
"""For each number its spellings, as the answer to a quantity."""
