(** Losses with exponentials: what softmax and log-sum-exp say of maxima. Over any real numbers of mathcomp-analysis, which
    has exponentials and logarithms; these rest on its axioms.

    \mean    see Norms.v *)

From mathcomp Require Import all_ssreflect all_algebra ring.
From mathcomp Require Import topology normedtype derive reals sequences exp.
From Boundcheck Require Import Extrema Norms Classes.
From Boundcheck Require Inner Learning.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory numFieldNormedType.Exports.
Local Open Scope ring_scope.
Local Open Scope norms_scope.

Section Exponentials.
Variable R : realType.
Implicit Types (n : nat) (t x y : R).

Lemma sum_exp_gt0 n (F : 'I_n.+1 -> R) : 0 < \sum_(i < n.+1) expR (F i).
Proof.
rewrite (bigD1 ord0) //=; apply: ltr_spaddl; first exact: expR_gt0.
by apply: sumr_ge0 => i _; apply/ltW/expR_gt0.
Qed.

Lemma exp_le_sum n (F : 'I_n.+1 -> R) i : expR (F i) <= \sum_(j < n.+1) expR (F j).
Proof. by rewrite (bigD1 i) //= ler_addl; apply: sumr_ge0 => j _; apply/ltW/expR_gt0. Qed.

Lemma le_logsumexp n (F : 'I_n.+1 -> R) i : F i <= ln (\sum_(j < n.+1) expR (F j)).
Proof. by rewrite -{1}(expK (F i)) ler_ln ?posrE ?expR_gt0 ?sum_exp_gt0 // exp_le_sum. Qed.

(** The tangent of the exponential at 0 lies below it; left of 0 by the mean value theorem. *)
Lemma expR_ge1D x : 1 + x <= expR x.
Proof.
have [x_ge0|x_lt0] := leP 0 x; first exact: expR_ge1Dx.
have [|y] := @MVT R expR expR x 0 x_lt0 (fun y _ => is_derive_expR y).
  by apply/continuous_subspaceT => ?; apply: continuous_expR.
rewrite in_itv /= => /andP[_ y_lt0]; rewrite expR0 sub0r => slope.
have : 1 - expR x <= - x by rewrite slope ler_pimull ?oppr_ge0 ?(ltW x_lt0) // -expR0 ler_expR ltW.
by rewrite ler_subl_addr => le1; rewrite -(ler_add2l (- x)) addrCA addNr addr0.
Qed.

Lemma ln_le x : 0 < x -> ln x <= x - 1.
Proof. by move=> x_gt0; rewrite ler_subr_addl; have := expR_ge1D (ln x); rewrite lnK ?posrE. Qed.

(** Jensen's inequality of the logarithm. *)
Lemma mean_ln n (F : 'I_n.+1 -> R) : (forall i, 0 < F i) -> \mean_(i < n.+1) ln (F i) <= ln (\mean_(i < n.+1) F i).
Proof.
move=> F_gt0; set M := \mean_(i < n.+1) F i; have M_gt0 : 0 < M.
  rewrite mulr_gt0 ?invr_gt0 ?ltr0n // (bigD1 ord0) //=; apply: ltr_spaddl => //.
  by apply: sumr_ge0 => i _; apply: ltW.
have tangent i : ln (F i) <= ln M - 1 + F i / M.
  have {1}-> : F i = M * (F i / M) by rewrite mulrCA mulfV ?mulr1 // gt_eqF.
  rewrite lnM ?posrE ?divr_gt0 // -addrA ler_add2l addrC; apply: ln_le; exact: divr_gt0.
apply: le_trans (mean_mono tangent) _; rewrite mean_shift -mulr_suml mulrA -/M mulfV ?gt_eqF //.
by rewrite subrK.
Qed.

(** The tangents of the logistic loss lie below it. *)
Lemma logistic_tangent (m v : R) :
  ln (1 + expR (- m)) - expR (- m) / (1 + expR (- m)) * (v - m) <= ln (1 + expR (- v)).
Proof.
have pos (t : R) : 0 < 1 + expR t by rewrite addr_gt0 ?ltr01 ?expR_gt0.
set E := expR (- m); set q := E / (1 + E); set d := v - m.
rewrite -ler_expR !(expRD, lnK) ?posrE ?pos // -/E (expRN (q * d)) ler_pdivr_mulr ?expR_gt0 //.
have -> : (1 + expR (- v)) * expR (q * d) = expR (q * d) + E * expR (q * d - d).
  by rewrite mulrDl mul1r -!expRD; congr (_ + expR _); rewrite /d; ring.
apply: le_trans (ler_add (expR_ge1D _) (ler_wpmul2l (ltW (expR_gt0 _)) (expR_ge1D _))).
rewrite le_eqVlt; apply/orP; left; apply/eqP; rewrite /q -/E; have := pos (- m); rewrite -/E => E_gt0.
by field; rewrite gt_eqF.
Qed.

(** Jensen's inequality of the logistic loss. *)
Lemma logistic_mean n (F : 'I_n.+1 -> R) :
  ln (1 + expR (- \mean_(i < n.+1) F i)) <= \mean_(i < n.+1) ln (1 + expR (- F i)).
Proof.
set m := \mean_(i < n.+1) F i; apply: (@le_trans _ _ (\mean_(i < n.+1)
  (ln (1 + expR (- m)) + - (expR (- m) / (1 + expR (- m))) * (F i - m)))).
  by rewrite mean_shift -mulr_sumr mulrCA meanD mean_const -/m subrr mulr0 addr0.
by apply: mean_mono => i; rewrite mulNr; apply: logistic_tangent.
Qed.

(** The estimate of mutual information from n pairs is log n at most. *)
Theorem infonce_log_n (d n : nat) (x z : 'I_n.+1 -> 'rV[R]_d.+1) :
  \mean_(k < n.+1) ((\sum_(l < d.+1) x k 0 l * z k 0 l)
                    - ln (\sum_(j < n.+1) expR (\sum_(l < d.+1) x k 0 l * z j 0 l))) + ln n.+1%:R <= ln n.+1%:R.
Proof.
rewrite ger_addr; apply: mean_le => k; rewrite subr_le0.
exact: (le_logsumexp (fun j => \sum_(l < d.+1) x k 0 l * z j 0 l) k).
Qed.

(** The contrastive loss of one negative, and the same of the mean over negatives. *)
Theorem alignment_uniformity (d n : nat) (x z : 'I_n.+1 -> 'rV[R]_d.+1) :
  \mean_(k < n.+1) \mean_(j < n.+1) ln (expR (\sum_(l < d.+1) x k 0 l * z k 0 l) + expR (\sum_(l < d.+1) x k 0 l * z j 0 l))
  - \mean_(k < n.+1) (\sum_(l < d.+1) x k 0 l * z k 0 l) <=
  \mean_(k < n.+1) ln (expR (\sum_(l < d.+1) x k 0 l * z k 0 l) + \mean_(j < n.+1) expR (\sum_(l < d.+1) x k 0 l * z j 0 l))
  - \mean_(k < n.+1) (\sum_(l < d.+1) x k 0 l * z k 0 l).
Proof.
rewrite ler_add2r; apply: mean_mono => k; rewrite -mean_shift; apply: mean_ln => j.
by rewrite addr_gt0 ?expR_gt0.
Qed.

Lemma mean_divergence n (F G : 'I_n.+1 -> R) (a b : R) :
  \mean_(i < n.+1) (F i - a - (G i - b) * a) = \mean_(i < n.+1) F i - a - (\mean_(i < n.+1) G i - b) * a.
Proof.
have expand i : F i - a - (G i - b) * a = (b * a - a) + (F i + - a * G i) by ring.
under [X in _ * X]eq_bigr do rewrite expand.
rewrite mean_shift meanD; have -> : \mean_(i < n.+1) (- a * G i) = - a * \mean_(i < n.+1) G i.
  by rewrite -mulr_sumr mulrCA.
by set mF := _ * \sum_(i < n.+1) F i; set mG := _ * \sum_(i < n.+1) G i; ring.
Qed.

(** The mean minimises the divergence of the exponential. *)
Theorem bregman_exponential (d n p : nat) (x : 'I_n.+1 -> 'rV[R]_d.+1) (z : 'I_p.+1 -> 'rV[R]_d.+1) :
  \mean_(i < n.+1) (\sum_(t < d.+1) (expR (x i 0 t) - expR (n.+1%:R^-1 * (\sum_(i' < n.+1) x i' 0 t))
    - (x i 0 t - n.+1%:R^-1 * (\sum_(i' < n.+1) x i' 0 t)) * expR (n.+1%:R^-1 * (\sum_(i' < n.+1) x i' 0 t)))) <=
  \big[Num.min/(\mean_(i < n.+1) (\sum_(t < d.+1) (expR (x i 0 t) - expR (z ord0 0 t) - (x i 0 t - z ord0 0 t) * expR (z ord0 0 t))))]_(j < p.+1)
    \mean_(i < n.+1) (\sum_(t < d.+1) (expR (x i 0 t) - expR (z j 0 t) - (x i 0 t - z j 0 t) * expR (z j 0 t))).
Proof.
apply: (le_bigmin (F := fun j => \mean_(i < n.+1) (\sum_(t < d.+1) (expR (x i 0 t) - expR (z j 0 t) - (x i 0 t - z j 0 t) * expR (z j 0 t))))).
move=> j; rewrite exchange_big [in leRHS]exchange_big !mulr_sumr; apply: ler_sum => t _.
rewrite !mean_divergence subrr mul0r subr0 -addrA ler_add2l -opprD ler_opp2.
set c := n.+1%:R^-1 * _; rewrite -{1}[expR (z j 0 t)]mul1r -mulrDl.
by rewrite -[X in _ <= expR X](subrK (z j 0 t)) expRD ler_pmul2r ?expR_gt0 // expR_ge1D.
Qed.

(** The logistic loss at the means of classes, by the losses of their points. *)
Theorem mean_classifier_logistic (d K : nat) (n : 'I_K.+2 -> nat) (C : forall c : 'I_K.+2, 'I_(n c).+1 -> 'rV[R]_d.+1) :
  K.+2%:R^-1 * (\sum_(c < K.+2) K.+1%:R^-1 * (\sum_(c'' < K.+2 | c'' != c) (n c).+1%:R^-1 * (\sum_(i < (n c).+1)
    ln (1 + expR (- (\sum_(l < d.+1) C c i 0 l * ((n c).+1%:R^-1 * (\sum_(i < (n c).+1) C c i 0 l)
                                                  - (n c'').+1%:R^-1 * (\sum_(k < (n c'').+1) C c'' k 0 l))))) / ln 2%:R))) <=
  (K.+2%:R^-1 * (\sum_(c < K.+2) K.+2%:R^-1 * (\sum_(c' < K.+2) (n c).+1%:R^-1 * (\sum_(i < (n c).+1)
     (n c).+1%:R^-1 * (\sum_(i' < (n c).+1) (n c').+1%:R^-1 * (\sum_(j < (n c').+1)
       ln (1 + expR (- (\sum_(l < d.+1) C c i 0 l * (C c i' 0 l - C c' j 0 l)))) / ln 2%:R))))) - K.+2%:R^-1) / (1 - K.+2%:R^-1).
Proof.
have ln2_gt0 : 0 < ln 2%:R :> R by rewrite ln_gt0 // ltr1n.
pose F c c'' := (n c).+1%:R^-1 * (\sum_(i < (n c).+1)
  ln (1 + expR (- (\sum_(l < d.+1) C c i 0 l * ((n c).+1%:R^-1 * (\sum_(i < (n c).+1) C c i 0 l)
                                                - (n c'').+1%:R^-1 * (\sum_(k < (n c'').+1) C c'' k 0 l))))) / ln 2%:R).
apply: (without_collisions (F := F)) => [c|].
  rewrite /F -[RHS](mean_const (n c)); congr (_ * _); apply: eq_bigr => i _.
  rewrite big1 => [|l _]; last by rewrite subrr mulr0.
  by rewrite oppr0 expR0 mulfV ?gt_eqF.
apply: mean_mono => c; apply: mean_mono => c'; apply: mean_mono => i; rewrite (inner_of_means (fun l => C c i 0 l)).
set s := fun i' j => \sum_(l < d.+1) C c i 0 l * (C c i' 0 l - C c' j 0 l).
apply: (@le_trans _ _ ((\mean_(i' < (n c).+1) \mean_(j < (n c').+1) ln (1 + expR (- s i' j))) / ln 2%:R)).
  rewrite ler_pmul2r ?invr_gt0 //; apply: le_trans (logistic_mean _) _.
  by apply: mean_mono => i'; apply: logistic_mean.
rewrite le_eqVlt; apply/orP; left; apply/eqP; rewrite -mulrA mulr_suml; congr (_ * _); apply: eq_bigr => i' _.
by rewrite -mulrA mulr_suml.
Qed.

(** The largest of pairs, and the logarithm of the sum of the exponentials of all. *)
Section Pairs.
Variables (q : nat) (a b : 'I_q.+1 -> R).
Let S := \sum_(k < q.+1) (expR (a k) + expR (b k)).
Let M := \big[Num.max/Num.max (a ord0) (b ord0)]_(k < q.+1) Num.max (a k) (b k).

Lemma pairs_gt0 : 0 < S.
Proof. by rewrite /S big_split; apply: addr_gt0; apply: sum_exp_gt0. Qed.

Lemma exp_le_pairs k : expR (Num.max (a k) (b k)) <= S.
Proof.
rewrite /S big_split /=; case: (leP (a k) (b k)) => _; apply: le_trans (exp_le_sum _ k) _.
  by rewrite ler_addr ltW ?sum_exp_gt0.
by rewrite ler_addl ltW ?sum_exp_gt0.
Qed.

Lemma max_le_pairs : M <= ln S.
Proof.
apply: bigmax_le => k; rewrite -[leLHS]expK ler_ln ?posrE ?expR_gt0 ?pairs_gt0 //.
exact: exp_le_pairs.
Qed.

Lemma pairs_le_max : ln S <= M + ln (2%:R * q.+1%:R).
Proof.
have size_gt0 : 0 < 2%:R * q.+1%:R :> R by rewrite mulr_gt0 ?ltr0n.
rewrite -[M in leRHS]expK -lnM ?posrE ?expR_gt0 // ler_ln ?posrE ?pairs_gt0 ?mulr_gt0 ?expR_gt0 ?ltr0n //.
have le_M k : Num.max (a k) (b k) <= M by apply: (le_bigmax (fun k => Num.max (a k) (b k))).
apply: (@le_trans _ _ (\sum_(k < q.+1) (expR M *+ 2))).
  apply: ler_sum => k _; rewrite mulr2n; apply: ler_add; rewrite ler_expR; apply: le_trans (le_M k).
    by rewrite le_maxr lexx.
  by rewrite le_maxr lexx orbT.
by rewrite sumr_const card_ord -mulrnA -[leLHS]mulr_natr natrM.
Qed.

End Pairs.

Section Lifted.
Set Default Proof Using "All".
Variables (V : lmodType R) (N : V -> R).
Hypothesis normD : forall u v, N (u + v) <= N u + N v.
Hypothesis normZ : forall (a : R) v, N (a *: v) = `|a| * N v.
Variables (n p q : nat) (x : 'I_n.+1 -> V) (z : 'I_p.+1 -> V) (w : 'I_q.+1 -> V) (alpha : R).
Local Notation hardest i j :=
  (\big[Num.max/Num.max (alpha - N (x i - w ord0)) (alpha - N (z j - w ord0))]_(k < q.+1)
     Num.max (alpha - N (x i - w k)) (alpha - N (z j - w k))).
Local Notation smooth i j := (ln (\sum_(k < q.+1) (expR (alpha - N (x i - w k)) + expR (alpha - N (z j - w k))))).

Theorem lifted_structure :
  \mean_(i < n.+1) \mean_(j < p.+1) (hardest i j + N (x i - z j)) <=
  \mean_(i < n.+1) \mean_(j < p.+1) (smooth i j + N (x i - z j)).
Proof.
apply: mean_mono => i; apply: mean_mono => j; rewrite ler_add2r.
exact: (max_le_pairs (fun k => alpha - N (x i - w k)) (fun k => alpha - N (z j - w k))).
Qed.

Theorem lifted_structure_above :
  \mean_(i < n.+1) \mean_(j < p.+1) (smooth i j + N (x i - z j)) <=
  \mean_(i < n.+1) \mean_(j < p.+1) (hardest i j + N (x i - z j)) + ln (2%:R * q.+1%:R).
Proof.
rewrite [leRHS]addrC -mean_shift; apply: mean_mono => i; rewrite -mean_shift; apply: mean_mono => j.
rewrite addrA ler_add2r addrC.
exact: (pairs_le_max (fun k => alpha - N (x i - w k)) (fun k => alpha - N (z j - w k))).
Qed.

End Lifted.

(* ------------------------------------------------------------------------------------------- cosines and temperatures *)

Section Euclidean.
Set Default Proof Using "All".
Variables (V : lmodType R) (ip : V -> V -> R).
Hypothesis sym : forall u v, ip u v = ip v u.
Hypothesis scale : forall (a : R) u v, ip (a *: u) v = a * ip u v.
Hypothesis add : forall u u' v, ip (u + u') v = ip u v + ip u' v.
Hypothesis ge0 : forall u, 0 <= ip u u.
Local Notation norm u := (Num.sqrt (ip u u)).
Local Notation dist u v := (Num.sqrt (ip (u - v) (u - v))).

(** A softmax loss of cosines gives a margin between distances. *)
Theorem softmax_margin n p q (x : 'I_n.+1 -> V) (z : 'I_p.+1 -> V) (w : 'I_q.+1 -> V) (tau : R) :
  (forall i : 'I_n.+1, 0 < norm (x i)) -> (forall j : 'I_p.+1, 0 < norm (z j)) -> (forall k : 'I_q.+1, 0 < norm (w k)) ->
  0 < `|tau| -> forall (i : 'I_n.+1) (j : 'I_p.+1) (k : 'I_q.+1),
  dist ((norm (x i))^-1 *: x i) ((norm (z j))^-1 *: z j) - dist ((norm (x i))^-1 *: x i) ((norm (w k))^-1 *: w k) <=
  Num.sqrt (4%:R + Num.min (2%:R * (`|tau| * ln (\sum_(k' < q.+1) expR ((ip (x i) (w k') / (norm (x i) * norm (w k'))) / `|tau|))
                                    - ip (x i) (z j) / (norm (x i) * norm (z j)))) 0) - 2%:R
  + Num.sqrt (Num.max (2%:R * (`|tau| * ln (\sum_(k' < q.+1) expR ((ip (x i) (w k') / (norm (x i) * norm (w k'))) / `|tau|))
                               - ip (x i) (z j) / (norm (x i) * norm (z j)))) 0).
Proof.
move=> x_gt0 z_gt0 w_gt0 tau_gt0 i j k; have ipP := Inner.SemiInner sym scale add ge0.
apply: Learning.margin_of_squares; rewrite ?sqrtr_ge0 //.
  apply: le_trans (Inner.norm_triangle ipP _ _) _; rewrite (Inner.ipNl ipP) (Inner.ipNr ipP) opprK.
  by rewrite !(Learning.unit1 sym scale add ge0) // sqrtr1 -mulr2n.
rewrite !(Learning.chord_squared sym scale add ge0) //; set a := ip (x i) (z j) / _; set b := ip (x i) (w k) / _.
have -> : 2%:R - 2%:R * a - (2%:R - 2%:R * b) = 2%:R * (b - a) by ring.
rewrite ler_pmul2l ?ltr0n // ler_add2r -ler_pdivr_mull // mulrC.
exact: (le_logsumexp (fun k' => (ip (x i) (w k') / (norm (x i) * norm (w k'))) / `|tau|) k).
Qed.

End Euclidean.
End Exponentials.
