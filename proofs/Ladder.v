(** How the bounds compare, the rung between U3 and theorem K, and that the Euclidean bounds' constant cannot be
    lowered.

    Letters as in Euclid.v. The right-hand sides, each a bound on the distance of two centroids or on its square:
      U2   m + mean of rho_i                                     (any norm)
      U4   mean of (m + rho_i)^2 - Var x                         (squared)
      U5   mean of min (m + rho_i) (m' + sigma_j)^2 - Var x - Var z   (squared)
    U5 <= U4 under both premises; U4 <= U2^2 without any.
    farthest: m + the largest distance to a negative (any norm), between U3 (Upper.hausdorff_below_farthest) and
    theorem K (Karimov.karimov_5_twice) *)

From mathcomp Require Import all_ssreflect all_algebra ring.
From Boundcheck Require Karimov.
From Boundcheck Require Import Extrema Inner Euclid.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.
Local Open Scope inner_scope.

(* The notations of this file are of inner products; this theorem is of any norm, so it is written out. *)
Theorem farthest (R : realFieldType) (V : lmodType R) (N : V -> R) :
  (forall u v, N (u + v) <= N u + N v) -> (forall (a : R) v, N (a *: v) = `|a| * N v) ->
  forall (n p q : nat) (x : 'I_n.+1 -> V) (z : 'I_p.+1 -> V) (w : 'I_q.+1 -> V) (m : R),
  (forall (i : 'I_n.+1) (j : 'I_p.+1) (k : 'I_q.+1), N (x i - z j) - N (x i - w k) <= m) ->
  N (n.+1%:R^-1 *: (\sum_(i < n.+1) x i) - p.+1%:R^-1 *: (\sum_(j < p.+1) z j)) <=
  m + \big[Num.max/(\big[Num.max/N (x ord0 - w ord0)]_(k < q.+1) N (x ord0 - w k))]_(i < n.+1)
        \big[Num.max/N (x i - w ord0)]_(k < q.+1) N (x i - w k).
Proof.
move=> normD normZ n p q x z w m premise.
apply: le_trans (Karimov.karimov_any_sizes_1_triangle normD normZ x z) _.
apply: le_trans (Karimov.karimov_any_sizes_2_triplets normD normZ premise) _.
exact: Karimov.karimov_any_sizes_3_farthest.
Qed.

Theorem two_sided_below_variance (R : rcfType) (V : lmodType R) (ip : V -> V -> R) :
  (forall u v, ip u v = ip v u) -> (forall (a : R) u v, ip (a *: u) v = a * ip u v) ->
  (forall u u' v, ip (u + u') v = ip u v + ip u' v) -> (forall u, 0 <= ip u u) ->
  forall (n p q : nat) (x : 'I_n.+1 -> V) (z : 'I_p.+1 -> V) (w : 'I_q.+1 -> V) (m m' : R),
  (forall (i : 'I_n.+1) (j : 'I_p.+1) (k : 'I_q.+1), dist ip (x i) (z j) - dist ip (x i) (w k) <= m) ->
  (forall (i : 'I_n.+1) (j : 'I_p.+1) (k : 'I_q.+1), dist ip (z j) (x i) - dist ip (z j) (w k) <= m') ->
  (\mean_(i < n.+1) \mean_(j < p.+1) Num.min (m + near ip q w (x i)) (m' + near ip q w (z j)) ^+ 2)
    - spread ip n x - spread ip p z
  <= (\mean_(i < n.+1) (m + near ip q w (x i)) ^+ 2) - spread ip n x.
Proof.
move=> sym scale add ge0 n p q x z w m m' Tm Tm'; have ipP := SemiInner sym scale add ge0.
apply: le_trans (_ : _ <= _ - 0) _; last by rewrite subr0.
apply: ler_sub (spread_ge0 _ _); apply: ler_sub => //; apply: ler_mean => i; apply: mean_le => j.
apply: ler_expn2r; last by rewrite le_minl lexx.
- by rewrite nnegrE le_minr (radius_ge0 Tm) (radius_ge0' ipP Tm').
- by rewrite nnegrE (radius_ge0 Tm).
Qed.

(** The distance to the nearest w_k changes by no more than its argument moves. *)
Lemma near_lipschitz (R : rcfType) (V : lmodType R) (ip : V -> V -> R) (q : nat) (w : 'I_q.+1 -> V) u v :
  semi_inner ip -> `|near ip q w u - near ip q w v| <= dist ip u v.
Proof.
move=> ipP.
have one u' v' : near ip q w u' - near ip q w v' <= dist ip u' v'.
  have [k ->] := bigmin_attained (fun k => dist ip v' (w k)).
  rewrite ler_subl_addr; apply: le_trans (bigmin_le _ k) _; exact: dist_triangle.
by rewrite ler_norml one andbT ler_oppl opprB (distC ipP u v) one.
Qed.

(** The variance of a scalar that changes no faster than the point is at most the point's. *)
Lemma variance_le_spread (R : rcfType) (V : lmodType R) (ip : V -> V -> R) (n : nat)
    (x : 'I_n.+1 -> V) (r : 'I_n.+1 -> R) :
  semi_inner ip -> (forall i i', `|r i - r i'| <= dist ip (x i) (x i')) ->
  (\mean_(i < n.+1) r i ^+ 2) - (\mean_(i < n.+1) r i) ^+ 2 <= spread ip n x.
Proof.
move=> ipP lip; rewrite (spread_pairs ipP) -[leLHS](mulKf (_ : 2%:R != 0)) ?pnatr_eq0 //.
rewrite ler_pmul2l ?invr_gt0 ?ltr0n // -scalar_pairs.
apply: ler_mean => i; apply: ler_mean => i'; rewrite -[_ ^+ 2]ger0_norm ?sqr_ge0 // normrX.
by apply: ler_expn2r; rewrite ?nnegrE ?norm_ge0.
Qed.

Theorem variance_below_chamfer (R : rcfType) (V : lmodType R) (ip : V -> V -> R) :
  (forall u v, ip u v = ip v u) -> (forall (a : R) u v, ip (a *: u) v = a * ip u v) ->
  (forall u u' v, ip (u + u') v = ip u v + ip u' v) -> (forall u, 0 <= ip u u) ->
  forall (n q : nat) (x : 'I_n.+1 -> V) (w : 'I_q.+1 -> V) (m : R),
  (\mean_(i < n.+1) (m + near ip q w (x i)) ^+ 2) - spread ip n x
  <= (m + \mean_(i < n.+1) near ip q w (x i)) ^+ 2.
Proof.
move=> sym scale add ge0 n q x w m; have ipP := SemiInner sym scale add ge0.
rewrite ler_subl_addr -ler_subl_addl -{2}(mean_const n m) -meanD.
apply: variance_le_spread => // i i'; rewrite opprD addrACA subrr add0r; exact: near_lipschitz.
Qed.

(** The same for the bounds themselves, where U2 is not negative. *)
Theorem root_variance_below_chamfer (R : rcfType) (V : lmodType R) (ip : V -> V -> R) :
  (forall u v, ip u v = ip v u) -> (forall (a : R) u v, ip (a *: u) v = a * ip u v) ->
  (forall u u' v, ip (u + u') v = ip u v + ip u' v) -> (forall u, 0 <= ip u u) ->
  forall (n p q : nat) (x : 'I_n.+1 -> V) (z : 'I_p.+1 -> V) (w : 'I_q.+1 -> V) (m : R),
  (forall (i : 'I_n.+1) (j : 'I_p.+1) (k : 'I_q.+1), dist ip (x i) (z j) - dist ip (x i) (w k) <= m) ->
  Num.sqrt ((\mean_(i < n.+1) (m + near ip q w (x i)) ^+ 2) - spread ip n x)
  <= m + \mean_(i < n.+1) near ip q w (x i).
Proof.
move=> sym scale add ge0 n p q x z w m Tm.
have U2_ge0 : 0 <= m + \mean_(i < n.+1) near ip q w (x i).
  by rewrite -{1}(mean_const n m) -meanD; apply: le_mean => i; exact: (radius_ge0 Tm).
rewrite -(ger0_norm U2_ge0) -sqrtr_sqr; apply: ler_wsqrtr; exact: variance_below_chamfer.
Qed.

(** Lengths on the line. *)
Lemma line_norm (R : rcfType) (a : R) : Num.sqrt (a * a) = `|a|.
Proof. by rewrite -expr2 sqrtr_sqr. Qed.

Lemma two_minus_one (R : rcfType) : 2%:R - 1 = 1 :> R.
Proof. ring. Qed.

Lemma square_factor (R : realFieldType) (c : R) : c < 1 -> ~ 2%:R ^+ 2 <= c * (1 + 1) ^+ 2.
Proof. by move=> c_lt1; rewrite ler_pmull ?exprn_gt0 ?ltr0n // leNgt c_lt1. Qed.

(** x = 0, z = 2, w = 1 on the line, with m = m' = 1: U4 and U5 are reached, so no factor c < 1 may stand before
    them. *)
Theorem variance_sharp (R : rcfType) (c : R) : c < 1 ->
  ~ (forall (V : lmodType R) (ip : V -> V -> R),
  (forall u v, ip u v = ip v u) -> (forall (a : R) u v, ip (a *: u) v = a * ip u v) ->
  (forall u u' v, ip (u + u') v = ip u v + ip u' v) -> (forall u, 0 <= ip u u) ->
  forall (n p q : nat) (x : 'I_n.+1 -> V) (z : 'I_p.+1 -> V) (w : 'I_q.+1 -> V) (m : R),
  (forall (i : 'I_n.+1) (j : 'I_p.+1) (k : 'I_q.+1), dist ip (x i) (z j) - dist ip (x i) (w k) <= m) ->
  dist ip (centroid n x) (centroid p z) ^+ 2
  <= c * ((\mean_(i < n.+1) (m + near ip q w (x i)) ^+ 2) - spread ip n x)).
Proof.
move=> c_lt1 /(_ _ _ (ip_sym (line_semi_inner R)) (ip_scale (line_semi_inner R)) (ip_add (line_semi_inner R))
  (ip_ge0 (line_semi_inner R)) 0%N 0%N 0%N (fun=> 0) (fun=> 2%:R) (fun=> 1) 1).
rewrite !big_ord1 !invr1 !scale1r !mul1r bigmin_const !line_norm !sub0r !normrN normr0 normr1 normr_nat.
rewrite expr0n subr0 => U4c.
by apply: square_factor c_lt1 (U4c _) => *; rewrite two_minus_one.
Qed.

Theorem two_sided_sharp (R : rcfType) (c : R) : c < 1 ->
  ~ (forall (V : lmodType R) (ip : V -> V -> R),
  (forall u v, ip u v = ip v u) -> (forall (a : R) u v, ip (a *: u) v = a * ip u v) ->
  (forall u u' v, ip (u + u') v = ip u v + ip u' v) -> (forall u, 0 <= ip u u) ->
  forall (n p q : nat) (x : 'I_n.+1 -> V) (z : 'I_p.+1 -> V) (w : 'I_q.+1 -> V) (m m' : R),
  (forall (i : 'I_n.+1) (j : 'I_p.+1) (k : 'I_q.+1), dist ip (x i) (z j) - dist ip (x i) (w k) <= m) ->
  (forall (i : 'I_n.+1) (j : 'I_p.+1) (k : 'I_q.+1), dist ip (z j) (x i) - dist ip (z j) (w k) <= m') ->
  dist ip (centroid n x) (centroid p z) ^+ 2
  <= c * ((\mean_(i < n.+1) \mean_(j < p.+1) Num.min (m + near ip q w (x i)) (m' + near ip q w (z j)) ^+ 2)
          - spread ip n x - spread ip p z)).
Proof.
move=> c_lt1 /(_ _ _ (ip_sym (line_semi_inner R)) (ip_scale (line_semi_inner R)) (ip_add (line_semi_inner R))
  (ip_ge0 (line_semi_inner R)) 0%N 0%N 0%N (fun=> 0) (fun=> 2%:R) (fun=> 1) 1 1).
rewrite !big_ord1 !invr1 !scale1r !mul1r !bigmin_const !line_norm.
rewrite two_minus_one !sub0r !normrN subrr subr0 normr0 normr1 normr_nat minxx.
rewrite expr0n !subr0 => U5c.
by apply: square_factor c_lt1 (U5c _ _) => *; rewrite two_minus_one.
Qed.
