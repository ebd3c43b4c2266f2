(** Metric learning in normed and Euclidean spaces: what hinges, proxies, prototypes and classes say of distances.

    x, z, w               anchors, positives, negatives
    \mean, centroid, dist, norm, spread      see Inner.v; largest, least   see Searching.v *)

From mathcomp Require Import all_ssreflect all_algebra ring.
From Boundcheck Require Import Extrema Inner Searching.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.
Local Open Scope inner_scope.

(** A hinge with margin 1 is at least 1 where the order is wrong. *)
Lemma hinge_indicator (R : realFieldType) (s t : R) : (if s <= t then 1 else 0 : R) <= Num.max 0 (1 + t - s).
Proof.
case: ifP => [le_st|_]; last by rewrite le_maxr lexx.
by rewrite le_maxr -addrA ler_addl subr_ge0 le_st orbT.
Qed.

(** The mean of what is positive, and Cauchy and Schwarz. *)
Lemma positive_part_squares (R : realFieldType) n (y : 'I_n.+1 -> R) :
  Num.max 0 (\mean_(i < n.+1) y i) ^+ 2 <=
  (\mean_(i < n.+1) (if 0 < y i then 1 else 0 : R)) * \mean_(i < n.+1) y i ^+ 2.
Proof.
pose b i : R := if 0 < y i then 1 else 0.
have b_ge0 i : 0 <= b i by rewrite /b; case: ifP => _; rewrite ?ler01 ?lexx.
set P := \mean_(i < n.+1) b i; set Q := \mean_(i < n.+1) y i ^+ 2; set M := \mean_(i < n.+1) (b i * y i).
have le_M : Num.max 0 (\mean_(i < n.+1) y i) <= M.
  rewrite le_maxl; apply/andP; split.
    by apply: le_mean => i; rewrite /b; case: (ltrP 0 (y i)) => [/ltW|_]; rewrite ?mul1r ?mul0r.
  by apply: ler_mean => i; rewrite /b; case: (ltrP 0 (y i)) => [_|le0]; rewrite ?mul1r ?mul0r.
have ge0 : 0 <= Num.max 0 (\mean_(i < n.+1) y i) by rewrite le_maxr lexx.
apply: (@le_trans _ _ (M ^+ 2)); first by apply: ler_expn2r; rewrite ?nnegrE // (le_trans ge0).
have P_ge0 : 0 <= P by apply: le_mean.
have Q_ge0 : 0 <= Q by apply: le_mean => i; apply: sqr_ge0.
have quadratic t : 0 <= P * t ^+ 2 - 2%:R * M * t + Q.
  have -> : P * t ^+ 2 - 2%:R * M * t + Q = \mean_(i < n.+1) (b i * t ^+ 2 + ((- 2%:R * t) * (b i * y i) + y i ^+ 2)).
    rewrite !meanD meanZ -/M -/Q; have -> : \mean_(i < n.+1) (b i * t ^+ 2) = P * t ^+ 2.
      by rewrite /P -mulrA mulr_suml.
    by ring.
  apply: le_mean => i; rewrite /b; case: (ltrP 0 (y i)) => _; rewrite ?mul1r ?mul0r ?mulr0 ?add0r ?sqr_ge0 //.
  have -> : t ^+ 2 + (- 2%:R * t * y i + y i ^+ 2) = (t - y i) ^+ 2 by ring.
  exact: sqr_ge0.
have [P0|P_neq0] := eqVneq P 0.
  have M0 : M = 0.
    apply/eqP; apply: contraT => M_neq0; have := quadratic ((Q + 1) / (2%:R * M)).
    rewrite P0 mul0r sub0r; have -> : - (2%:R * M * ((Q + 1) / (2%:R * M))) + Q = -1 by field.
    by rewrite oppr_ge0 ler10.
  by rewrite P0 M0 expr0n mul0r.
have P_gt0 : 0 < P by rewrite lt_def P_neq0.
have := quadratic (M / P).
have -> : P * (M / P) ^+ 2 - 2%:R * M * (M / P) + Q = (P * Q - M ^+ 2) / P by field.
by rewrite pmulr_lge0 ?invr_gt0 // subr_ge0.
Qed.

(** Two distances of vectors of length 1, from how much their squares differ. *)
Lemma margin_of_squares (R : rcfType) (a b t : R) : 0 <= a -> 0 <= b -> b <= 2%:R -> a ^+ 2 - b ^+ 2 <= t ->
  a - b <= Num.sqrt (4%:R + Num.min t 0) - 2%:R + Num.sqrt (Num.max t 0).
Proof.
move=> a_ge0 b_ge0 b_le2 le_t; have four : 4%:R = 2%:R ^+ 2 :> R by rewrite -natrX.
have [t_ge0|t_lt0] := leP 0 t.
  rewrite addr0 four sqrtr_sqr ger0_norm ?ler0n // subrr add0r ler_subl_addr.
  rewrite -[leLHS]ger0_norm // -sqrtr_sqr -[b in leRHS]ger0_norm // -sqrtr_sqr.
  have s_ge0 : 0 <= Num.sqrt t + Num.sqrt (b ^+ 2) by rewrite addr_ge0 ?sqrtr_ge0.
  rewrite -[leRHS]ger0_norm // -[leRHS]sqrtr_sqr; apply: ler_wsqrtr.
  rewrite sqrrD !sqr_sqrtr ?sqr_ge0 // -ler_subl_addr; apply: le_trans le_t _.
  by rewrite ler_addl mulrn_wge0 // mulr_ge0 ?sqrtr_ge0.
rewrite sqrtr0 addr0 ler_subl_addr addrAC ler_subr_addr.
set s := Num.sqrt (4%:R + t).
have sq_b : b ^+ 2 <= 4%:R by rewrite four ler_expn2r // nnegrE ?ler0n.
have pos : 0 <= 4%:R + t.
  rewrite -ler_subl_addl sub0r; apply: le_trans _ le_t; rewrite ler_subr_addr addrC.
  by apply: le_trans (sqr_ge0 a); rewrite subr_le0.
have s_sq : s ^+ 2 = 4%:R + t by rewrite sqr_sqrtr.
have s_ge0 : 0 <= s by apply: sqrtr_ge0.
have a_le : a <= s.
  rewrite -[a]ger0_norm // -sqrtr_sqr; apply: ler_wsqrtr; rewrite addrC -ler_subl_addr.
  by apply: le_trans le_t; rewrite ler_add2l ler_opp2.
have sum_gt0 : 0 < 2%:R + s by rewrite ltr_spaddl ?ltr0n.
rewrite -subr_ge0 -(pmulr_lge0 _ sum_gt0).
have s_lt2 : s <= 2%:R.
  rewrite -[leRHS]ger0_norm ?ler0n // -sqrtr_sqr -four; apply: ler_wsqrtr; by rewrite ger_addl ltW.
have -> : (s + b - (a + 2%:R)) * (2%:R + s) = (b - a) * (2%:R + s) - (4%:R - s ^+ 2) by rewrite four; ring.
have [ba|ab] := leP a b.
  rewrite subr_ge0; apply: (@le_trans _ _ ((b - a) * (b + a))).
    rewrite s_sq opprD addrA subrr sub0r -subr_sqr -[leRHS]opprB ler_opp2; exact: le_t.
  by apply: ler_wpmul2l; rewrite ?subr_ge0 // ler_add.
exfalso; have : b ^+ 2 < a ^+ 2 by rewrite ltr_expn2r // nnegrE.
by rewrite -subr_gt0 => /lt_le_trans /(_ le_t) /lt_trans /(_ t_lt0); rewrite ltxx.
Qed.

Section Units.
Variables (R : rcfType) (V : lmodType R) (ip : V -> V -> R).
Hypothesis ipP : semi_inner ip.

(** A vector by its length has length 1 at most: 0, which has none, stays 0. *)
Lemma unit_le1 u : ip ((norm ip u)^-1 *: u) ((norm ip u)^-1 *: u) <= 1.
Proof.
rewrite (ip_scale ipP) (ipZr ipP) mulrA; move: (norm_sq ipP u); set a := norm ip u => <-.
rewrite -invfM expr2; have [->|a0] := eqVneq (a * a) 0; last by rewrite mulVf.
by rewrite mulr0 ler01.
Qed.

Lemma cosineE u v : ip u v / (norm ip u * norm ip v) = ip ((norm ip u)^-1 *: u) ((norm ip v)^-1 *: v).
Proof. by rewrite (ip_scale ipP) (ipZr ipP) invfM mulrC -mulrA. Qed.

End Units.

Section AnyNorm.
Set Default Proof Using "All".
Variables (R : realFieldType) (V : lmodType R) (N : V -> R).
Hypothesis normD : forall u v, N (u + v) <= N u + N v.
Hypothesis normZ : forall (a : R) v, N (a *: v) = `|a| * N v.

Theorem impostors n p q (x : 'I_n.+1 -> V) (z : 'I_p.+1 -> V) (w : 'I_q.+1 -> V) :
  \mean_(i < n.+1) \mean_(j < p.+1) \mean_(k < q.+1)
    (if N (x i - w k) ^+ 2 <= N (x i - z j) ^+ 2 then 1 else 0 : R) <=
  \mean_(i < n.+1) \mean_(j < p.+1) \mean_(k < q.+1) Num.max 0 (1 + N (x i - z j) ^+ 2 - N (x i - w k) ^+ 2).
Proof. by do 3!apply: ler_mean => ?; apply: hinge_indicator. Qed.

Theorem nearest_centroid_accuracy n p q (x : 'I_n.+1 -> V) (z : 'I_p.+1 -> V) (w : 'I_q.+1 -> V) :
  Num.max 0 (\mean_(i < n.+1) (N (x i - centroid q w) ^+ 2 - N (x i - centroid p z) ^+ 2)) ^+ 2 <=
  (\mean_(i < n.+1) (if 0 < N (x i - centroid q w) ^+ 2 - N (x i - centroid p z) ^+ 2 then 1 else 0 : R)) *
  \mean_(i < n.+1) (N (x i - centroid q w) ^+ 2 - N (x i - centroid p z) ^+ 2) ^+ 2.
Proof. exact: positive_part_squares. Qed.

End AnyNorm.

Section Euclidean.
Set Default Proof Using "All".
Variables (R : rcfType) (V : lmodType R) (ip : V -> V -> R).
Hypothesis sym : forall u v, ip u v = ip v u.
Hypothesis scale : forall (a : R) u v, ip (a *: u) v = a * ip u v.
Hypothesis add : forall u u' v, ip (u + u') v = ip u v + ip u' v.
Hypothesis ge0 : forall u, 0 <= ip u u.
Let ipP := SemiInner sym scale add ge0.

Theorem parallelogram n p (x : 'I_n.+1 -> V) (z : 'I_p.+1 -> V) i j :
  norm ip (x i + z j) ^+ 2 + norm ip (x i - z j) ^+ 2 = 2%:R * norm ip (x i) ^+ 2 + 2%:R * norm ip (z j) ^+ 2.
Proof. by rewrite !(norm_sq ipP) (ipD_sq ipP) (ipB_sq ipP); ring. Qed.

Lemma unit1 u : 0 < norm ip u -> ip ((norm ip u)^-1 *: u) ((norm ip u)^-1 *: u) = 1.
Proof.
rewrite scale (ipZr ipP); move: (norm_sq ipP u); set a := norm ip u => <- a_gt0.
by rewrite expr2 !mulrA mulfVK ?gt_eqF // mulVf ?gt_eqF.
Qed.

(** Of vectors of length 1: the chord by the cosine. *)
Lemma chord_squared u v : 0 < norm ip u -> 0 < norm ip v ->
  dist ip ((norm ip u)^-1 *: u) ((norm ip v)^-1 *: v) ^+ 2 = 2%:R - 2%:R * (ip u v / (norm ip u * norm ip v)).
Proof. by move=> u_gt0 v_gt0; rewrite (norm_sq ipP) (ipB_sq ipP) !unit1 // (cosineE ipP); ring. Qed.

Theorem chord n p (x : 'I_n.+1 -> V) (z : 'I_p.+1 -> V) :
  (forall i : 'I_n.+1, 0 < norm ip (x i)) -> (forall j : 'I_p.+1, 0 < norm ip (z j)) ->
  forall (i : 'I_n.+1) (j : 'I_p.+1),
  dist ip ((norm ip (x i))^-1 *: x i) ((norm ip (z j))^-1 *: z j) ^+ 2 =
  2%:R - 2%:R * (ip (x i) (z j) / (norm ip (x i) * norm ip (z j))).
Proof. by move=> x_gt0 z_gt0 i j; apply: chord_squared. Qed.

(** The distance of two vectors, each times the other's squared length: inversion in the sphere without its division. *)
Lemma inverted u v : norm ip (ip v v *: u - ip u u *: v) = norm ip u * norm ip v * dist ip u v.
Proof.
rewrite -!sqrtrM ?mulr_ge0 //; congr (Num.sqrt _).
by rewrite !(ipB_sq ipP) !(scale, ipZr ipP); ring.
Qed.

Lemma ptolemy_from0 a b c :
  norm ip a * dist ip b c <= norm ip c * dist ip b a + norm ip b * dist ip a c.
Proof.
have zero u v : norm ip u = 0 -> dist ip u v = norm ip v.
  have normN t : norm ip (- t) = norm ip t by rewrite (ipNl ipP) (ipNr ipP) opprK.
  move=> u0; apply/eqP; rewrite eq_le; apply/andP; split.
    by apply: le_trans (norm_triangle ipP _ _) _; rewrite u0 add0r normN.
  by have := norm_triangle ipP u (v - u); rewrite addrC subrK u0 add0r (distC ipP v).
have [a0|a_neq0] := eqVneq (norm ip a) 0; first by rewrite a0 mul0r addr_ge0 ?mulr_ge0 ?norm_ge0.
have [b0|b_neq0] := eqVneq (norm ip b) 0; first by rewrite !(zero b) // b0 mul0r addr0 mulrC.
have [c0|c_neq0] := eqVneq (norm ip c) 0.
  by rewrite (distC ipP b) (distC ipP a) !(zero c) // c0 mul0r add0r mulrC.
have pos u : norm ip u != 0 -> 0 < norm ip u by move=> u0; rewrite lt_def u0 norm_ge0.
rewrite -(ler_pmul2l (mulr_gt0 (mulr_gt0 (pos a a_neq0) (pos b b_neq0)) (pos c c_neq0))).
have -> : norm ip a * norm ip b * norm ip c * (norm ip a * dist ip b c) =
    norm ip a ^+ 2 * (norm ip b * norm ip c * dist ip b c) by ring.
have -> : norm ip a * norm ip b * norm ip c * (norm ip c * dist ip b a + norm ip b * dist ip a c) =
    norm ip c ^+ 2 * (norm ip b * norm ip a * dist ip b a) + norm ip b ^+ 2 * (norm ip a * norm ip c * dist ip a c).
  by ring.
have times u v : 0 <= u -> u * norm ip v = norm ip (u *: v).
  by move=> u_ge0; rewrite (norm_homogeneous ipP) ger0_norm.
have parts : ip a a *: (ip c c *: b - ip b b *: c) =
    ip c c *: (ip a a *: b - ip b b *: a) + ip b b *: (ip c c *: a - ip a a *: c).
  rewrite !scalerBr !scalerA (mulrC (ip c c) (ip a a)) (mulrC (ip c c) (ip b b)) (mulrC (ip b b) (ip a a)).
  by rewrite addrA subrK.
by rewrite -!inverted !(norm_sq ipP) !times // parts; apply: (norm_triangle ipP).
Qed.

Theorem ptolemy n p q (x : 'I_n.+1 -> V) (z : 'I_p.+1 -> V) (w : 'I_q.+1 -> V)
  (i : 'I_n.+1) (j : 'I_p.+1) (k k' : 'I_q.+1) :
  dist ip (x i) (w k) * dist ip (z j) (w k') <=
  dist ip (x i) (w k') * dist ip (z j) (w k) + dist ip (x i) (z j) * dist ip (w k) (w k').
Proof.
have := ptolemy_from0 (x i - w k) (x i - z j) (x i - w k').
have move_ u v : dist ip (x i - u) (x i - v) = dist ip u v.
  by rewrite (distC ipP u); congr (Num.sqrt (ip _ _)); rewrite opprB addrC addrA subrK.
by rewrite !move_.
Qed.
Theorem mean_minimises_squares n p (x : 'I_n.+1 -> V) (z : 'I_p.+1 -> V) :
  spread ip n x <= least p (fun j => \mean_(i < n.+1) dist ip (x i) (z j) ^+ 2).
Proof.
apply: le_bigmin => j; rewrite (huygens ipP x (z j)) ler_addr.
by rewrite exprn_ge0 // norm_ge0.
Qed.

Lemma cosine_moves u v v' :
  `|ip u v / (norm ip u * norm ip v) - ip u v' / (norm ip u * norm ip v')| <=
  dist ip ((norm ip v)^-1 *: v) ((norm ip v')^-1 *: v').
Proof.
rewrite !(cosineE ipP) -(ipBr ipP); apply: le_trans (cauchy_schwarz ipP _ _) _.
rewrite -[leRHS]mul1r; apply: ler_wpmul2r; first exact: norm_ge0.
by rewrite -sqrtr1; apply: ler_wsqrtr; apply: (unit_le1 ipP).
Qed.

Theorem proxy_triplet n p q (x : 'I_n.+1 -> V) (z : 'I_p.+1 -> V) (w : 'I_q.+1 -> V) (y : 'I_p.+1 -> V)
    (v : 'I_q.+1 -> V) (M : R) i j k :
  Num.max 0 (M - ip (x i) (z j) / (norm ip (x i) * norm ip (z j)) + ip (x i) (w k) / (norm ip (x i) * norm ip (w k))) <=
  Num.max 0 (M - ip (x i) (y j) / (norm ip (x i) * norm ip (y j)) + ip (x i) (v k) / (norm ip (x i) * norm ip (v k))) +
  2%:R * Num.sqrt (Num.max
    (largest p (fun j => dist ip ((norm ip (z j))^-1 *: z j) ((norm ip (y j))^-1 *: y j) ^+ 2))
    (largest q (fun k => dist ip ((norm ip (w k))^-1 *: w k) ((norm ip (v k))^-1 *: v k) ^+ 2))).
Proof.
set e := Num.sqrt (Num.max (\big[_/_]_(_ < _) _) _); have e_ge0 : 0 <= e by apply: sqrtr_ge0.
have near_y : dist ip ((norm ip (z j))^-1 *: z j) ((norm ip (y j))^-1 *: y j) <= e.
  rewrite -[leLHS]ger0_norm ?norm_ge0 // -sqrtr_sqr; apply: ler_wsqrtr; rewrite le_maxr.
  by rewrite (le_bigmax (fun j => dist ip ((norm ip (z j))^-1 *: z j) ((norm ip (y j))^-1 *: y j) ^+ 2)).
have near_v : dist ip ((norm ip (w k))^-1 *: w k) ((norm ip (v k))^-1 *: v k) <= e.
  rewrite -[leLHS]ger0_norm ?norm_ge0 // -sqrtr_sqr; apply: ler_wsqrtr; rewrite le_maxr.
  by rewrite (le_bigmax (fun k => dist ip ((norm ip (w k))^-1 *: w k) ((norm ip (v k))^-1 *: v k) ^+ 2)) orbT.
have := le_trans (cosine_moves (x i) (z j) (y j)) near_y.
have := le_trans (cosine_moves (x i) (w k) (v k)) near_v.
set a := ip _ _ / _; set a' := ip _ _ / _; set b := ip _ _ / _; set b' := ip _ _ / _.
rewrite !ler_norml => /andP[_ le_a] /andP[le_b _].
rewrite [leRHS]addrC le_maxl; apply/andP; split.
  by apply: addr_ge0; [rewrite mulr_ge0 ?ler0n|rewrite le_maxr lexx].
apply: (@le_trans _ _ (2%:R * e + (M - b' + a'))); last by rewrite ler_add2l le_maxr lexx orbT.
rewrite -subr_ge0; have -> : 2%:R * e + (M - b' + a') - (M - b + a) = (e - (a - a')) + (b - b' + e) by ring.
by rewrite addr_ge0 // ?subr_ge0 // -ler_subl_addr sub0r.
Qed.

End Euclidean.
