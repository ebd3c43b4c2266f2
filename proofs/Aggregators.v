(** Other representations of a collection than its centroid: sums, coordinate-wise extremes and medians, normalised
    means, and Lipschitz maps after any of them. (Weighted means, attention, medoids and subsets: U3 in Upper.v.)

      x, z, w, m         as in Karimov.v
      supdist d u v      the sup-norm distance of two rows, \big[Num.max/0]_(l < d) `|u 0 l - v 0 l|
      internal           said of an aggregator whose every coordinate lies between the points' extremes
      median             the mean of the two middle values of the sorted ones (one and the same for an odd number) *)

From mathcomp Require Import all_ssreflect all_algebra.
From Boundcheck Require Import Extrema Norms Karimov Upper.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.
Local Open Scope norms_scope.

Section AnyNorm.
Set Default Proof Using "All".  (* every statement names both laws, used or not *)
Variables (R : realFieldType) (V : lmodType R) (N : V -> R).
Hypothesis normD : forall u v, N (u + v) <= N u + N v.
Hypothesis normZ : forall (a : R) v, N (a *: v) = `|a| * N v.

(* ----------------------------------------------------------------------------------------------------------- sums *)

Theorem sum n q (x z : 'I_n.+1 -> V) (w : 'I_q.+1 -> V) (m : R) :
  (forall (i j : 'I_n.+1) (k : 'I_q.+1), N (x i - z j) - N (x i - w k) <= m) ->
  N ((\sum_(i < n.+1) x i) - (\sum_(j < n.+1) z j)) <= n.+1%:R * (m + \mean_(i < n.+1) nearest N q w (x i)).
Proof.
move=> premise; have := chamfer normD normZ premise.
by rewrite (karimov_1_centroids normD normZ) ler_pdivr_mulr ?size_gt0 // mulrC.
Qed.

(* ------------------------------------------------------------------------------------------------ normalised means *)

Lemma unit_dist (u v : V) : 0 < N u -> 0 < N v ->
  N ((N u)^-1 *: u - (N v)^-1 *: v) <= 2%:R * N (u - v) / N u.
Proof.
move=> u_gt0 v_gt0.
have -> : (N u)^-1 *: u - (N v)^-1 *: v = (N u)^-1 *: ((u - v) + (1 - N u / N v) *: v).
  by rewrite scalerBl scale1r addrA subrK scalerBr scalerA mulrA mulVf ?mul1r // gt_eqF.
rewrite normZ ger0_norm ?invr_ge0 ?(ltW u_gt0) // [leLHS]mulrC ler_pmul2r ?invr_gt0 //.
apply: le_trans (normD _ _) _; rewrite mulr_natl mulr2n ler_add2l normZ.
rewrite -{2}(ger0_norm (ltW v_gt0)) -normrM mulrBl mul1r divfK ?gt_eqF //.
rewrite ler_norml ler_oppl opprB norm_sub_le // (distC normZ).
exact: norm_sub_le.
Qed.

Theorem normalised n p (x : 'I_n.+1 -> V) (z : 'I_p.+1 -> V) (U : R) :
  0 < N (centroid n x) -> 0 < N (centroid p z) ->
  N (centroid n x - centroid p z) <= U ->
  N ((N (centroid n x))^-1 *: (centroid n x) - (N (centroid p z))^-1 *: (centroid p z)) <=
  2%:R * U / Num.max (N (centroid n x)) (N (centroid p z)).
Proof.
set u := centroid n x; set v := centroid p z => u_gt0 v_gt0 le_U.
have le_twice t : 0 < t -> 2%:R * N (u - v) / t <= 2%:R * U / t.
  by move=> t_gt0; rewrite ler_pmul2r ?invr_gt0 // ler_pmul2l ?ltr0n.
case: (leP (N u) (N v)) => _; last exact: le_trans (unit_dist u_gt0 v_gt0) (le_twice _ u_gt0).
by apply: le_trans (le_twice _ v_gt0); rewrite distC // (distC normZ u) unit_dist.
Qed.

Lemma unit_length (v : V) (U : R) : 0 < N v -> N v <= U -> N ((N v)^-1 *: v) <= 2%:R * U / N v.
Proof.
move=> v_gt0 le_U; rewrite normZ ger0_norm ?invr_ge0 ?(ltW v_gt0) // mulVf ?gt_eqF // ler_pdivl_mulr // mul1r.
rewrite mulr_natl mulr2n; apply: (le_trans le_U); rewrite ler_addl.
exact: le_trans (ltW v_gt0) le_U.
Qed.

(** 0^-1 is 0: a centroid of length 0 stays as it is, and the bound holds all the same. *)
Theorem normalised_mean n p q (x : 'I_n.+1 -> V) (z : 'I_p.+1 -> V) (w : 'I_q.+1 -> V) (m : R) :
  (forall (i : 'I_n.+1) (j : 'I_p.+1) (k : 'I_q.+1), N (x i - z j) - N (x i - w k) <= m) ->
  N ((N (centroid n x))^-1 *: (centroid n x) - (N (centroid p z))^-1 *: (centroid p z)) <=
  2%:R * (m + \mean_(i < n.+1) nearest N q w (x i)) / Num.max (N (centroid n x)) (N (centroid p z)).
Proof.
move=> premise; have le_U := chamfer normD normZ premise; move: le_U.
set u := centroid n x; set v := centroid p z; set U := m + _ => le_U.
have := norm_ge0 normD normZ u; rewrite le_eqVlt => /predU1P[u0|u_gt0];
  have := norm_ge0 normD normZ v; rewrite le_eqVlt => /predU1P[v0|v_gt0]; last exact: normalised.
- by rewrite -u0 -v0 maxxx invr0 !scale0r subrr norm0 // mulr0.
- rewrite -u0 invr0 scale0r sub0r (normN normZ) (max_idPr (ltW v_gt0)); apply: unit_length => //.
  by apply: le_trans le_U; rewrite (distC normZ) -[leLHS]subr0 u0; apply: norm_sub_le.
- rewrite -v0 invr0 scale0r subr0 (max_idPl (ltW u_gt0)); apply: unit_length => //.
  by apply: le_trans le_U; rewrite -[leLHS]subr0 v0; apply: norm_sub_le.
Qed.

End AnyNorm.

(* ---------------------------------------------------------------------------------------------- Lipschitz maps after *)

Theorem lipschitz (R : realFieldType) (V V' : lmodType R) (N : V -> R) (N' : V' -> R) (g : V -> V') (L : R) :
  0 <= L -> (forall u v, N' (g u - g v) <= L * N (u - v)) ->
  forall (u v : V) (U : R), N (u - v) <= U -> N' (g u - g v) <= L * U.
Proof. by move=> L_ge0 lip u v U le_U; apply: le_trans (lip u v) (ler_wpmul2l L_ge0 le_U). Qed.

Theorem lipschitz_chamfer (R : realFieldType) (V : lmodType R) (N : V -> R) :
  (forall u v, N (u + v) <= N u + N v) -> (forall (a : R) v, N (a *: v) = `|a| * N v) ->
  forall (V' : lmodType R) (N' : V' -> R) (g : V -> V') (L : R),
  0 <= L -> (forall u v, N' (g u - g v) <= L * N (u - v)) ->
  forall (n p q : nat) (x : 'I_n.+1 -> V) (z : 'I_p.+1 -> V) (w : 'I_q.+1 -> V) (m : R),
  (forall (i : 'I_n.+1) (j : 'I_p.+1) (k : 'I_q.+1), N (x i - z j) - N (x i - w k) <= m) ->
  N' (g (centroid n x) - g (centroid p z)) <= L * (m + \mean_(i < n.+1) nearest N q w (x i)).
Proof.
move=> normD normZ V' N' g L L_ge0 lip n p q x z w m premise.
by apply: (lipschitz L_ge0 lip); apply: chamfer.
Qed.

(** The same over two normed spaces, as the bound states it. *)
Theorem lipschitz_head (R : realFieldType) (V : lmodType R) (N : V -> R) :
  (forall u v, N (u + v) <= N u + N v) -> (forall (a : R) v, N (a *: v) = `|a| * N v) ->
  forall (V' : lmodType R) (N' : V' -> R),
  (forall u v, N' (u + v) <= N' u + N' v) -> (forall (a : R) v, N' (a *: v) = `|a| * N' v) ->
  forall (g : V -> V') (n p q : nat) (x : 'I_n.+1 -> V) (z : 'I_p.+1 -> V) (w : 'I_q.+1 -> V) (L m : R),
  (forall (i : 'I_n.+1) (j : 'I_p.+1) (k : 'I_q.+1), N (x i - z j) - N (x i - w k) <= m) ->
  0 <= L -> (forall u v, N' (g u - g v) <= L * N (u - v)) ->
  N' (g (centroid n x) - g (centroid p z)) <= L * (m + \mean_(i < n.+1) nearest N q w (x i)).
Proof. by move=> normD normZ V' N' _ _ g n p q x z w L m premise L_ge0 lip; exact: (lipschitz_chamfer normD normZ L_ge0 lip premise). Qed.

(* ----------------------------------------------------------------------------------------- coordinates, in sup norm *)

Notation supdist d u v := (\big[Num.max/0]_(l < d) `|u 0 l - v 0 l|) (only parsing).
Notation nearest_sup d q w u := (\big[Num.min/supdist d u (w ord0)]_(k < q.+1) supdist d u (w k)) (only parsing).
Notation hausdorff_sup d n q x w :=
  (\big[Num.max/nearest_sup d q w (x ord0)]_(i < n.+1) nearest_sup d q w (x i)) (only parsing).
Notation sorted_values n F := (sort <=%O [seq F i | i <- enum 'I_n]) (only parsing).
Notation median n F :=
  ((nth 0 (sorted_values n.+1 F) n./2 + nth 0 (sorted_values n.+1 F) (n.+1)./2) / 2%:R) (only parsing).

(** Where all values are near, so are any two values between their extremes. *)
Lemma internal_near (R : realFieldType) n p (x : 'I_n.+1 -> R) (z : 'I_p.+1 -> R) (u v B : R) :
  (forall i j, `|x i - z j| <= B) ->
  \big[Num.min/x ord0]_(i < n.+1) x i <= u -> u <= \big[Num.max/x ord0]_(i < n.+1) x i ->
  \big[Num.min/z ord0]_(j < p.+1) z j <= v -> v <= \big[Num.max/z ord0]_(j < p.+1) z j -> `|u - v| <= B.
Proof.
move=> near; have [i ->] := bigmax_attained x; have [i' ->] := bigmin_attained x.
have [j ->] := bigmax_attained z; have [j' ->] := bigmin_attained z => ge_i' le_i ge_j' le_j.
rewrite ler_norml ler_oppl opprB; apply/andP; split.
  by apply: le_trans (ler_sub le_j ge_i') (le_trans (ler_norm _) _); rewrite distrC.
exact: le_trans (ler_sub le_i ge_j') (le_trans (ler_norm _) (near _ _)).
Qed.

Section SupNorm.
Variables (R : realFieldType) (d n p q : nat).
Variables (x : 'I_n.+1 -> 'rV[R]_d.+1) (z : 'I_p.+1 -> 'rV[R]_d.+1) (w : 'I_q.+1 -> 'rV[R]_d.+1) (m : R).
Hypothesis premise : forall (i : 'I_n.+1) (j : 'I_p.+1) (k : 'I_q.+1),
  supdist d.+1 (x i) (z j) - supdist d.+1 (x i) (w k) <= m.

Lemma coordinates_near i j l : `|x i 0 l - z j 0 l| <= m + hausdorff_sup d.+1 n q x w.
Proof.
apply: le_trans (le_bigmax_seed 0 (fun l => `|x i 0 l - z j 0 l|) l) _.
pose rho i := nearest_sup d.+1 q w (x i).
apply: (@le_trans _ _ (m + rho i)); last by rewrite ler_add2l; apply: (le_bigmax rho).
rewrite /rho; have [k ->] := bigmin_attained (fun k => supdist d.+1 (x i) (w k)).
by rewrite -ler_subl_addr.
Qed.

(** Any two internal aggregators will do, even two different ones, and they may depend on the points. *)
Theorem internal (u v : 'rV[R]_d.+1) :
  (forall (l : 'I_d.+1), \big[Num.min/x ord0 0 l]_(i < n.+1) x i 0 l <= u 0 l) ->
  (forall (l : 'I_d.+1), u 0 l <= \big[Num.max/x ord0 0 l]_(i < n.+1) x i 0 l) ->
  (forall (l : 'I_d.+1), \big[Num.min/z ord0 0 l]_(j < p.+1) z j 0 l <= v 0 l) ->
  (forall (l : 'I_d.+1), v 0 l <= \big[Num.max/z ord0 0 l]_(j < p.+1) z j 0 l) ->
  supdist d.+1 u v <= m + hausdorff_sup d.+1 n q x w.
Proof.
move=> u_ge u_le v_ge v_le; apply: bigmax_le_seed => [|l].
  exact: le_trans (normr_ge0 _) (coordinates_near ord0 ord0 ord0).
by apply: (internal_near (x := fun i => x i 0 l) (z := fun j => z j 0 l)) => // i j; apply: coordinates_near.
Qed.

End SupNorm.

Theorem coordinate_max (R : realFieldType) (d n p q : nat)
    (x : 'I_n.+1 -> 'rV[R]_d.+1) (z : 'I_p.+1 -> 'rV[R]_d.+1) (w : 'I_q.+1 -> 'rV[R]_d.+1) (m : R) :
  (forall (i : 'I_n.+1) (j : 'I_p.+1) (k : 'I_q.+1),
     supdist d.+1 (x i) (z j) - supdist d.+1 (x i) (w k) <= m) ->
  \big[Num.max/0]_(l < d.+1) `|(\big[Num.max/x ord0 0 l]_(i < n.+1) x i 0 l) -
                               (\big[Num.max/z ord0 0 l]_(j < p.+1) z j 0 l)| <= m + hausdorff_sup d.+1 n q x w.
Proof.
move=> premise; have := internal premise
  (u := \row_l \big[Num.max/x ord0 0 l]_(i < n.+1) x i 0 l) (v := \row_l \big[Num.max/z ord0 0 l]_(j < p.+1) z j 0 l).
under eq_bigr do rewrite !mxE; apply=> l; rewrite mxE //.
  exact: (bigmin_le_bigmax (fun i => x i 0 l)).
exact: (bigmin_le_bigmax (fun j => z j 0 l)).
Qed.

Theorem coordinate_min (R : realFieldType) (d n p q : nat)
    (x : 'I_n.+1 -> 'rV[R]_d.+1) (z : 'I_p.+1 -> 'rV[R]_d.+1) (w : 'I_q.+1 -> 'rV[R]_d.+1) (m : R) :
  (forall (i : 'I_n.+1) (j : 'I_p.+1) (k : 'I_q.+1),
     supdist d.+1 (x i) (z j) - supdist d.+1 (x i) (w k) <= m) ->
  \big[Num.max/0]_(l < d.+1) `|(\big[Num.min/x ord0 0 l]_(i < n.+1) x i 0 l) -
                               (\big[Num.min/z ord0 0 l]_(j < p.+1) z j 0 l)| <= m + hausdorff_sup d.+1 n q x w.
Proof.
move=> premise; have := internal premise
  (u := \row_l \big[Num.min/x ord0 0 l]_(i < n.+1) x i 0 l) (v := \row_l \big[Num.min/z ord0 0 l]_(j < p.+1) z j 0 l).
under eq_bigr do rewrite !mxE; apply=> l; rewrite mxE //.
  exact: (bigmin_le_bigmax (fun i => x i 0 l)).
exact: (bigmin_le_bigmax (fun j => z j 0 l)).
Qed.

(** A median lies between the extremes. *)
Lemma median_between (R : realFieldType) n (F : 'I_n.+1 -> R) :
  \big[Num.min/F ord0]_(i < n.+1) F i <= median n F /\ median n F <= \big[Num.max/F ord0]_(i < n.+1) F i.
Proof.
have member k : (k <= n)%N -> exists i, nth 0 (sorted_values n.+1 F) k = F i.
  move=> le_kn; have : nth 0 (sorted_values n.+1 F) k \in sorted_values n.+1 F.
    by rewrite mem_nth // size_sort size_map size_enum_ord ltnS.
  by rewrite mem_sort => /mapP[i _ ->]; exists i.
have [|i ->] := member n./2; first by rewrite -divn2 leq_div.
have [|i' ->] := member (n.+1)./2; first by rewrite -ltnS -divn2 ltn_Pdiv.
rewrite ler_pdivl_mulr ?ltr0n // ler_pdivr_mulr ?ltr0n // !mulr_natr !mulr2n.
by split; apply: ler_add; rewrite ?(bigmin_le F) ?(le_bigmax F).
Qed.

Theorem coordinate_median (R : realFieldType) (d n p q : nat)
    (x : 'I_n.+1 -> 'rV[R]_d.+1) (z : 'I_p.+1 -> 'rV[R]_d.+1) (w : 'I_q.+1 -> 'rV[R]_d.+1) (m : R) :
  (forall (i : 'I_n.+1) (j : 'I_p.+1) (k : 'I_q.+1),
     supdist d.+1 (x i) (z j) - supdist d.+1 (x i) (w k) <= m) ->
  \big[Num.max/0]_(l < d.+1) `|median n (fun i => x i 0 l) - median p (fun j => z j 0 l)| <=
  m + hausdorff_sup d.+1 n q x w.
Proof.
move=> premise; have := internal premise
  (u := \row_l median n (fun i => x i 0 l)) (v := \row_l median p (fun j => z j 0 l)).
under eq_bigr do rewrite !mxE; apply=> l; rewrite mxE.
- exact: (median_between (fun i => x i 0 l)).1.
- exact: (median_between (fun i => x i 0 l)).2.
- exact: (median_between (fun j => z j 0 l)).1.
- exact: (median_between (fun j => z j 0 l)).2.
Qed.

(* ---------------------------------------------------------------------------------- coordinates, in Euclidean space *)

Notation rowdist d u v := (Num.sqrt (\sum_(l < d) (u 0 l - v 0 l) ^+ 2)) (only parsing).
Notation nearest_row d q w u := (\big[Num.min/rowdist d u (w ord0)]_(k < q.+1) rowdist d u (w k)) (only parsing).
Notation hausdorff_row d n q x w :=
  (\big[Num.max/nearest_row d q w (x ord0)]_(i < n.+1) nearest_row d q w (x i)) (only parsing).

(** No coordinate is farther apart than the rows are; D of them together are at most the root of D times as far. *)
Theorem internal_euclidean (R : rcfType) (d n p q : nat)
    (x : 'I_n.+1 -> 'rV[R]_d.+1) (z : 'I_p.+1 -> 'rV[R]_d.+1) (w : 'I_q.+1 -> 'rV[R]_d.+1) (m : R) :
  (forall (i : 'I_n.+1) (j : 'I_p.+1) (k : 'I_q.+1), rowdist d.+1 (x i) (z j) - rowdist d.+1 (x i) (w k) <= m) ->
  forall (u v : 'rV[R]_d.+1),
  (forall (l : 'I_d.+1), \big[Num.min/x ord0 0 l]_(i < n.+1) x i 0 l <= u 0 l) ->
  (forall (l : 'I_d.+1), u 0 l <= \big[Num.max/x ord0 0 l]_(i < n.+1) x i 0 l) ->
  (forall (l : 'I_d.+1), \big[Num.min/z ord0 0 l]_(j < p.+1) z j 0 l <= v 0 l) ->
  (forall (l : 'I_d.+1), v 0 l <= \big[Num.max/z ord0 0 l]_(j < p.+1) z j 0 l) ->
  rowdist d.+1 u v <= Num.sqrt d.+1%:R * (m + hausdorff_row d.+1 n q x w).
Proof.
move=> premise u v u_ge u_le v_ge v_le; set B := m + _.
have near i j l : `|x i 0 l - z j 0 l| <= B.
  apply: (@le_trans _ _ (rowdist d.+1 (x i) (z j))).
    rewrite -sqrtr_sqr; apply: ler_wsqrtr; rewrite (bigD1 l) //= ler_addl.
    by apply: sumr_ge0 => l' _; apply: sqr_ge0.
  apply: (@le_trans _ _ (m + nearest_row d.+1 q w (x i))).
    by have [k ->] := bigmin_attained (fun k => rowdist d.+1 (x i) (w k)); rewrite -ler_subl_addr.
  by rewrite ler_add2l; apply: (le_bigmax (fun i => nearest_row d.+1 q w (x i))).
have B_ge0 : 0 <= B by apply: le_trans (normr_ge0 _) (near ord0 ord0 ord0).
rewrite -[X in _ <= _ * X](ger0_norm B_ge0) -sqrtr_sqr -sqrtrM ?ler0n //; apply: ler_wsqrtr.
rewrite mulr_natl -[X in _ *+ X]card_ord -sumr_const; apply: ler_sum => l _.
rewrite -[leLHS]ger0_norm ?sqr_ge0 // normrX; apply: ler_expn2r; rewrite ?nnegrE //.
by apply: (internal_near (x := fun i => x i 0 l) (z := fun j => z j 0 l)).
Qed.

Theorem coordinate_max_euclidean (R : rcfType) (d n p q : nat)
    (x : 'I_n.+1 -> 'rV[R]_d.+1) (z : 'I_p.+1 -> 'rV[R]_d.+1) (w : 'I_q.+1 -> 'rV[R]_d.+1) (m : R) :
  (forall (i : 'I_n.+1) (j : 'I_p.+1) (k : 'I_q.+1), rowdist d.+1 (x i) (z j) - rowdist d.+1 (x i) (w k) <= m) ->
  Num.sqrt (\sum_(l < d.+1) ((\big[Num.max/x ord0 0 l]_(i < n.+1) x i 0 l) - (\big[Num.max/z ord0 0 l]_(j < p.+1) z j 0 l)) ^+ 2) <= Num.sqrt d.+1%:R * (m + hausdorff_row d.+1 n q x w).
Proof.
move=> premise; have := internal_euclidean premise (u := \row_l (\big[Num.max/x ord0 0 l]_(i < n.+1) x i 0 l)) (v := \row_l (\big[Num.max/z ord0 0 l]_(j < p.+1) z j 0 l)).
under eq_bigr do rewrite !mxE; apply=> l; rewrite mxE.
- exact: (bigmin_le_bigmax (fun i => x i 0 l)).
- exact: lexx.
- exact: (bigmin_le_bigmax (fun j => z j 0 l)).
- exact: lexx.
Qed.

Theorem coordinate_min_euclidean (R : rcfType) (d n p q : nat)
    (x : 'I_n.+1 -> 'rV[R]_d.+1) (z : 'I_p.+1 -> 'rV[R]_d.+1) (w : 'I_q.+1 -> 'rV[R]_d.+1) (m : R) :
  (forall (i : 'I_n.+1) (j : 'I_p.+1) (k : 'I_q.+1), rowdist d.+1 (x i) (z j) - rowdist d.+1 (x i) (w k) <= m) ->
  Num.sqrt (\sum_(l < d.+1) ((\big[Num.min/x ord0 0 l]_(i < n.+1) x i 0 l) - (\big[Num.min/z ord0 0 l]_(j < p.+1) z j 0 l)) ^+ 2) <= Num.sqrt d.+1%:R * (m + hausdorff_row d.+1 n q x w).
Proof.
move=> premise; have := internal_euclidean premise (u := \row_l (\big[Num.min/x ord0 0 l]_(i < n.+1) x i 0 l)) (v := \row_l (\big[Num.min/z ord0 0 l]_(j < p.+1) z j 0 l)).
under eq_bigr do rewrite !mxE; apply=> l; rewrite mxE.
- exact: lexx.
- exact: (bigmin_le_bigmax (fun i => x i 0 l)).
- exact: lexx.
- exact: (bigmin_le_bigmax (fun j => z j 0 l)).
Qed.

Theorem coordinate_median_euclidean (R : rcfType) (d n p q : nat)
    (x : 'I_n.+1 -> 'rV[R]_d.+1) (z : 'I_p.+1 -> 'rV[R]_d.+1) (w : 'I_q.+1 -> 'rV[R]_d.+1) (m : R) :
  (forall (i : 'I_n.+1) (j : 'I_p.+1) (k : 'I_q.+1), rowdist d.+1 (x i) (z j) - rowdist d.+1 (x i) (w k) <= m) ->
  Num.sqrt (\sum_(l < d.+1) (median n (fun i => x i 0 l) - median p (fun j => z j 0 l)) ^+ 2) <= Num.sqrt d.+1%:R * (m + hausdorff_row d.+1 n q x w).
Proof.
move=> premise; have := internal_euclidean premise (u := \row_l median n (fun i => x i 0 l)) (v := \row_l median p (fun j => z j 0 l)).
under eq_bigr do rewrite !mxE; apply=> l; rewrite mxE.
- exact: (median_between (fun i => x i 0 l)).1.
- exact: (median_between (fun i => x i 0 l)).2.
- exact: (median_between (fun j => z j 0 l)).1.
- exact: (median_between (fun j => z j 0 l)).2.
Qed.
